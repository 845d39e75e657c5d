import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { isNoNumberFrom, type KeyReader, keyCode } from './key-code.js';

/**
 * Reads keys of elements, from an index on and before another, into an array from `at` on, as long as they are finite
 * numbers in order and below `limit`, or out of order by no more than `slack`; `high` is the highest before. Returns the index
 * of the first element that must be evaluated alone: also one whose key throws.
 */
export type ReadNumbers = (
  elements: readonly object[],
  from: number,
  to: number,
  keys: { [index: number]: number },
  at: number,
  high: number,
  limit: number,
  slack?: number,
) => number;

/** The loop over a key that is in order, made at its first use. */
export const readNumbersOf = madeOnce((key: KeyReader) => makeReader(key, 'high', 'high = key;'));

/** The loop over a key under slack. */
export const readUnderSlackOf = madeOnce((key: KeyReader) =>
  makeReader(key, 'high - slack', 'if (key > high) high = key;'),
);

/** The loop over a key that needs no order, only to be finite. */
export const readFiniteOf = madeOnce((key: KeyReader) => makeReader(key, String(-Number.MAX_VALUE), ''));

/**
 * Generated, so that each key expression has separate machine code in the loop, also before the engine optimizes what is
 * called. Where code cannot be generated, all are asked for alone.
 */
function makeReader(reader: KeyReader, lowest: string, next: string): ReadNumbers {
  const { text, scope } = keyCode(reader, 'evaluate');
  const body = `
    return (elements, from, to, keys, at, high, limit, slack) => {
      let i = from;
      try {
        for (; i < to; i++, at++) {
          const element = elements[i];
          const key = ${text};
          if (${isNoNumberFrom('key', lowest, 'limit')}) break;
          keys[at] = key;
          ${next}
        }
      } catch {}
      return i;
    };`;
  return compile<ReadNumbers>(scope, body) ?? ((_elements, from) => from);
}
