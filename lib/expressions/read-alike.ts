import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { type KeyReader, keyCode } from './key-code.js';

/**
 * Reads the keys of the elements from `from` to before `to` into an array from index `at` on, as long as they have one
 * type. Returns the index of the first element that must be evaluated on its own, for example because its key throws.
 */
export type ReadAlike = (
  elements: readonly object[],
  from: number,
  to: number,
  keys: { [index: number]: unknown },
  at: number,
) => number;

/** The loop over string keys, created at its first use. */
export const readStringsOf = madeOnce((key: KeyReader) => makeReader(key, "typeof key !== 'string'"));

/** The loop over finite numbers: only for these the difference from themselves is 0. */
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
