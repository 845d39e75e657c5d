import type { Random } from './random.js';

/** The letters from a to e as keys of one type, in their order. */
export interface KeyKind {
  readonly name: string;
  /** Another object each time. */
  to(letter: string): any;
  of(key: any): string;
}

const letters = 'abcde';

/** Keys whose order differs from that of their texts, and which are easily taken for each other. */
const keysOf: Readonly<Record<string, readonly any[]>> = {
  letter: [...letters],
  text: ['', 'A\0', 'A\0b', '\ud83d', '\uffff'],
  number: [-10, -9.5, 0, 9, 10],
  bigint: [-(2n ** 64n), -1n, 0n, 9n, 10n],
  Date: [new Date(-1), new Date(0), new Date(1), new Date(10), new Date(2e12)],
  'two texts': [
    ['', ''],
    ['', ' '],
    [' ', ''],
    [' ', ' '],
    ['a', ''],
  ],
  'text and number': [
    ['', 2],
    ['', 10],
    ['1 2', 0],
    ['2', 1],
    ['2 1', 1],
  ],
  'Date, bigint and boolean': [
    [new Date(-1), 9n, true],
    [new Date(9), -1n, true],
    [new Date(9), 9n, false],
    [new Date(9), 9n, true],
    [new Date(10), -1n, false],
  ],
};

export function randomKeyKind(random: Random): KeyKind {
  const [name, keys] = random.pick(Object.entries(keysOf));
  const texts = keys.map(textOf);
  let turn = 0;
  return {
    name,
    to: (letter) => {
      const key = keys[letters.indexOf(letter)];
      // The same key as 0.
      if (key === 0) return turn++ % 2 === 0 ? 0 : -0;
      return typeof key === 'object' ? structuredClone(key) : key;
    },
    of: (key) => {
      const letter = letters[texts.indexOf(textOf(key))];
      if (letter === undefined) throw new Error(`no key of ${name}: ${String(key)}`);
      return letter;
    },
  };
}

function textOf(key: unknown): string {
  if (Array.isArray(key)) return JSON.stringify(key.map(textOf));
  return typeof key === 'object' ? `Date ${Number(key)}` : `${typeof key} ${String(key)}`;
}
