import type { Json } from '../base/json.js';

/** An element as `JSON.parse` would return it. */
export type Plain = { readonly [name: string]: Json };
