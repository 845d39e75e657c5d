export type { Json } from '../base/json.js';
export type { Plain } from './plain.js';
export { type TestMill, type TestMillOptions, testMill } from './test-mill.js';
