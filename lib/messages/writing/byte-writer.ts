import type { Class } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { memberText } from '../members.js';
import { checkedSchemaOf, type FieldSchema } from '../schema.js';

/** Writes the JSON of elements directly into bytes, for classes of numbers, booleans and short strings. */
export interface ByteWriter {
  /** The maximum size of one element in bytes. */
  readonly mostBytes: number;
  /**
   * Returns the end of the element's text, or -1 if only the class's writer can judge the element. Rethrows errors of
   * the element's own code.
   */
  write(element: unknown, bytes: Uint8Array, at: number): number;
}

/** Longer strings are written faster by the system. */
const longestString = 48;
/** `-0.0000012345678901234567`: 17 digits after the largest number of zeros without an exponent. */
const longestNumber = 25;
const billion = 1e9;

/**
 * Makes the byte writer of a class, with text before and after each element, in ASCII. Undefined for classes with other
 * fields, or if code must not be generated: then use the text of `writerOf`.
 */
export function byteWriterOf(message: Class, before: string, after: string): ByteWriter | undefined {
  const { codec, fields } = checkedSchemaOf(message);
  if (codec !== undefined || fields.length === 0 || !fields.every(isPlain)) return undefined;
  const leads = fields.map(({ name }, i) => `${i === 0 ? `${before}{` : ','}${JSON.stringify(name)}:`);
  const end = `}${after}`;
  const lengths = fields.map(({ type }) => (type.kind === 'string' ? longestString + 2 : longestNumber));
  const body = `return (element, bytes, at) => {
    if (typeof element !== 'object' || element === null || isArray(element)) return -1;
    ${fields.map((field, i) => stores(leads[i] as string) + fieldText(field, i)).join('\n')}
    ${stores(end)}
    return at;
  };`;
  const write = compile<ByteWriter['write']>(
    { own: Object.hasOwn, isArray: Array.isArray, putNumber, putString },
    body,
  );
  const mostBytes = leads.join('').length + end.length + lengths.reduce((sum, length) => sum + length, 0);
  return write && { mostBytes, write };
}

/** A field that can be written directly, with a name in ASCII. */
function isPlain({ type, name, optional, nullable }: FieldSchema): boolean {
  if (optional || nullable || !/^[ -~]*$/.test(name)) return false;
  return type.kind === 'number' || type.kind === 'boolean' || type.kind === 'string';
}

function fieldText({ type, property }: FieldSchema, index: number): string {
  const value = `v${index}`;
  const read = `const ${value} = ${memberText('element', property)};`;
  const refuseUnless = `if (typeof ${value} !== '${type.kind}') return -1;`;
  if (type.kind === 'boolean') {
    return `${read} ${refuseUnless} if (${value}) { ${stores('true')} } else { ${stores('false')} }`;
  }
  const put = type.kind === 'number' ? 'putNumber' : 'putString';
  return `${read} ${refuseUnless} at = ${put}(bytes, at, ${value}); if (at < 0) return -1;`;
}

/** The code that stores an ASCII text, and moves past it. */
function stores(text: string): string {
  const bytes = [...text].map((character, i) => `bytes[at + ${i}] = ${character.charCodeAt(0)};`);
  return `${bytes.join(' ')} at += ${text.length};`;
}

/**
 * Writes the digits of a whole number by division, in two parts if it has more than 32 bits; other numbers as
 * JavaScript prints them.
 */
function putNumber(bytes: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value) return putInteger(bytes, at, value);
  // Below this limit the quotient cannot be rounded up to a whole number.
  if (value > 0 && value < 1e14 && Math.floor(value) === value) {
    const high = Math.floor(value / billion);
    const middle = putInteger(bytes, at, high);
    return putDigits(bytes, middle, middle + 9, value - high * billion);
  }
  if (value - value !== 0) return -1;
  const text = `${value}`;
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function putInteger(bytes: Uint8Array, at: number, value: number): number {
  const isNegative = value < 0 || (value === 0 && 1 / value < 0);
  if (isNegative) bytes[at] = 0x2d;
  const start = isNegative ? at + 1 : at;
  const rest = isNegative ? -value : value;
  return putDigits(bytes, start, start + digitsOf(rest), rest);
}

/** Writes exactly this many digits, with leading zeros. */
function putDigits(bytes: Uint8Array, start: number, end: number, value: number): number {
  let rest = value;
  for (let i = end - 1; i >= start; i--) {
    const tens = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return end;
}

function digitsOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 100_000_000) return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** Writes a short string that needs no escapes, in quotes. */
function putString(bytes: Uint8Array, at: number, value: string): number {
  if (value.length > longestString) return -1;
  let end = at;
  bytes[end++] = 0x22;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return -1;
    bytes[end++] = code;
  }
  bytes[end++] = 0x22;
  return end;
}
