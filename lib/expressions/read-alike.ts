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

/** Like `ReadAlike`, with a number for each key: the one in `known`, or else the one that `add` returns. */
export type NumberAlike = (
  elements: readonly object[],
  from: number,
  to: number,
  numbers: { [index: number]: number },
  at: number,
  known: ReadonlyMap<unknown, number>,
  add: (key: unknown) => number,
) => number;

const notString = "typeof key !== 'string'";
/** Only for finite numbers the difference from themselves is 0. */
const notFinite = "typeof key !== 'number' || key - key !== 0";

/** The loop over string keys, created at its first use. */
export const readStringsOf = madeOnce((key: KeyReader) => makeReader<ReadAlike>(key, notString, 'key'));

/** The loop over finite numbers. */
export const readFinitesOf = madeOnce((key: KeyReader) => makeReader<ReadAlike>(key, notFinite, 'key'));

const numbered = 'known.get(key) ?? add(key)';

/** The loop over string keys that writes their numbers. */
export const numberStringsOf = madeOnce((key: KeyReader) => makeReader<NumberAlike>(key, notString, numbered));

/** The loop over finite numbers that writes their numbers in `known`. */
export const numberFinitesOf = madeOnce((key: KeyReader) => makeReader<NumberAlike>(key, notFinite, numbered));

const readNone: ReadAlike = (_elements, from) => from;

/** Generated, as in `read-numbers.ts`. */
function makeReader<T extends ReadAlike | NumberAlike>(reader: KeyReader, isOther: string, kept: string): T {
  const { text, scope } = keyCode(reader, 'evaluate');
  const body = `
    return (elements, from, to, keys, at, known, add) => {
      let i = from;
      try {
        for (; i < to; i++, at++) {
          const element = elements[i];
          const key = ${text};
          if (${isOther}) break;
          keys[at] = ${kept};
        }
      } catch {}
      return i;
    };`;
  return compile<T>(scope, body) ?? (readNone as T);
}
