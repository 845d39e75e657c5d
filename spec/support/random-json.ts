import type { Random } from './random.js';

const strings = [
  '',
  'a',
  '},{',
  '"',
  '\\',
  '\\"',
  '\n',
  'é',
  '漢字',
  '😀',
  '[',
  ']',
  '{"a":1}',
  ',',
  ' \t',
  '\u2028',
  '\ud800',
];

/** A random JSON value, with the characters that a scanner may stumble over. */
export function randomJson(random: Random, depth: number): unknown {
  const kind = random.int(depth > 0 ? 7 : 4);
  if (kind === 0) return random.pick([0, -1, 1.5, -2.5e-7, 1e21, 9007199254740991]);
  if (kind === 1) return random.pick([true, false, null]);
  if (kind <= 3) return random.pick(strings) + random.pick(strings);
  const size = random.int(4);
  if (kind === 4) return Array.from({ length: size }, () => randomJson(random, depth - 1));
  return randomObject(random, depth, size);
}

export function randomObject(random: Random, depth: number, size = random.int(4)): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: size }, (_, i) => [random.pick(strings) + i, randomJson(random, depth - 1)]),
  );
}

/** The text of a JSON value, with random space between its tokens. */
export function spacedText(random: Random, value: unknown): string {
  const space = () => (random.chance(0.3) ? random.pick([' ', '\n', '\t', '\r\n', '  ']) : '');
  const write = (part: unknown): string => {
    if (Array.isArray(part)) return `[${space()}${part.map(write).join(`${space()},${space()}`)}${space()}]`;
    if (typeof part !== 'object' || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(
      ([name, inner]) => `${JSON.stringify(name)}${space()}:${space()}${write(inner)}`,
    );
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
  };
  return space() + write(value) + space();
}
