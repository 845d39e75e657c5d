export type { Json } from '../base/json.js';
export { type ExploreOptions, explore } from './explore/explore.js';
export type { Plain } from './plain.js';
export { type RecordOptions, record } from './record.js';
export { type Difference, type MakeMill, replay } from './replay.js';
export { type TestMill, type TestMillOptions, testMill } from './test-mill.js';
