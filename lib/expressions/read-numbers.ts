import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { isNoNumberFrom, type KeyReader, keyCode } from './key-code.js';

/**
 * Reads the keys of the elements from `from` to before `to` into an array from index `at` on, as long as they are
 * finite numbers below `limit` and in order, or out of order by no more than `slack`; `high` is the highest key so far.
 * Returns the index of the first element that must be evaluated on its own, for example because its key throws.
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

/** The loop over an ordered key, created at its first use. */
export const readNumbersOf = madeOnce((key: KeyReader) => makeReader(key, 'high', 'high = key;'));

/** The loop over a key under slack. */
export const readUnderSlackOf = madeOnce((key: KeyReader) =>
  makeReader(key, 'high - slack', 'if (key > high) high = key;'),
);

/** The loop over a key that only needs to be finite. */
export const readFiniteOf = madeOnce((key: KeyReader) => makeReader(key, String(-Number.MAX_VALUE), ''));

/**
 * Generated, so that each key expression has its own machine code in the loop, even before the engine optimizes the
 * functions it calls. If code cannot be generated, every key is evaluated on its own.
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
