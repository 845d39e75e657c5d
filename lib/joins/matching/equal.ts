import type { Matching } from './matching.js';

/** Equal keys: the whole group, in stream order. */
export const equal: Matching = Object.freeze({
  name: 'equal',
  pick: 'all',
  shape: 'key',
  endless: false,
  low: (left) => left,
  high: (left) => left,
  describe: (left, right) => `${left} = ${right}`,
  toSql: (left, right) => `${right} = ${left}`,
} satisfies Matching);
