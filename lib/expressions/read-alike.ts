import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { type KeyReader, keyCode } from './key-code.js';

/**
 * Reads keys of elements, from an index on and before another, into an array from `at` on, as long as they are of one type.
 * Returns the index of the first element that must be evaluated alone: also one whose key throws.
 */
export type ReadAlike = (
  elements: readonly object[],
  from: number,
  to: number,
  keys: { [index: number]: unknown },
  at: number,
) => number;

/** The loop over keys that are strings, made at its first use. */
export const readStringsOf = madeOnce((key: KeyReader) => makeReader(key, "typeof key !== 'string'"));

/** The loop over keys that are finite numbers: of no others the difference from themselves is 0. */
export const readFinitesOf = madeOnce((key: KeyReader) =>
  makeReader(key, "typeof key !== 'number' || key - key !== 0"),
);

/** Generated, as in `read-numbers.ts`. */
function makeReader(reader: KeyReader, isOther: string): ReadAlike {
  const { text, scope } = keyCode(reader, 'evaluate');
  const body = `
    return (elements, from, to, keys, at) => {
      let i = from;
      try {
        for (; i < to; i++, at++) {
          const element = elements[i];
          const key = ${text};
          if (${isOther}) break;
          keys[at] = key;
        }
      } catch {}
      return i;
    };`;
  return compile<ReadAlike>(scope, body) ?? ((_elements, from) => from);
}
