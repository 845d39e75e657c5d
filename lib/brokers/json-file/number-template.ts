import type { NumberRows } from '../../messages/index.js';
import { isSpace } from './strict-json.js';

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** So many digits are a whole number that a double holds, and one division by a power of ten rounds as it should. */
const exactDigits = 15;
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, i) => 10 ** i);

/** What stands between two elements: a comma, or the end of a line. */
export type RowSeparator = 'comma' | 'line';

/**
 * Reads elements that are flat objects of numbers and all written alike, byte by byte: with the same members in the same
 * order, and the same white space within them. What stands around their numbers was found in one of them.
 *
 * It gives what `JSON.parse` would give, or nothing: then the text is something else, and `JSON.parse` is to say what.
 */
export class NumberTemplate {
  private constructor(
    private readonly names: readonly string[],
    /** All that stands around the numbers of an element, one after the other. */
    private readonly fixed: Uint8Array,
    /** Where in it each number follows. */
    private readonly ends: readonly number[],
    private readonly separator: RowSeparator,
  ) {}

  /** Of the element that begins after the white space at an offset; undefined where it is none of numbers. */
  static of(bytes: Uint8Array, from: number, to: number, separator: RowSeparator): NumberTemplate | undefined {
    const names: string[] = [];
    const fixed: number[] = [];
    const ends: number[] = [];
    let at = afterSpace(bytes, from, to);
    if (bytes[at] !== openBrace) return undefined;
    while (at < to) {
      // From the brace, or the comma, to the number.
      const lead = at;
      at = afterSpace(bytes, at + 1, to);
      if (bytes[at] !== quote) return undefined;
      const nameEnd = endOfName(bytes, at + 1, to);
      names.push(String.fromCharCode(...bytes.subarray(at + 1, nameEnd)));
      at = afterSpace(bytes, nameEnd + 1, to);
      if (bytes[nameEnd] !== quote || bytes[at] !== colon) return undefined;
      at = afterSpace(bytes, at + 1, to);
      fixed.push(...bytes.subarray(lead, at));
      ends.push(fixed.length);
      const numberEnd = endOfNumber(bytes, at, to);
      if (numberEnd < 0) return undefined;
      at = afterSpace(bytes, numberEnd, to);
      fixed.push(...bytes.subarray(numberEnd, at));
      if (bytes[at] === comma) continue;
      if (bytes[at] !== closeBrace) return undefined;
      fixed.push(closeBrace);
      const isOneLine = separator === 'comma' || !fixed.includes(lineFeed);
      if (!isOneLine || !areOrdinary(names)) return undefined;
      return new NumberTemplate(names, Uint8Array.from(fixed), ends, separator);
    }
    return undefined;
  }

  /** The elements between two offsets, all of them; undefined where they are not as this says. */
  read(bytes: Buffer, from: number, to: number): NumberRows | undefined {
    const { names, fixed, ends, separator } = this;
    const fields = names.length;
    // An element has a digit for each number, and a separator: so many there are at most.
    const cells = new Float64Array((Math.floor((to - from) / (fixed.length + fields + 1)) + 1) * fields);
    let cell = 0;
    for (let at = from; ; ) {
      if (separator === 'comma') while (at < to && isSpace(bytes[at]!)) at++;
      let k = 0;
      for (let field = 0; field < fields; field++) {
        for (const end = ends[field]!; k < end; ) if (bytes[at++] !== fixed[k++]) return undefined;
        // The number, by digits: JSON's grammar.
        let byte = bytes[at]!;
        const isNegative = byte === minus;
        if (isNegative) byte = bytes[++at]!;
        const start = at;
        let digits = 0;
        if (byte === zero) byte = bytes[++at]!;
        else if (byte < zero || byte > nine) return undefined;
        else {
          do {
            digits = digits * 10 + byte - zero;
            byte = bytes[++at]!;
          } while (byte >= zero && byte <= nine);
        }
        let value = digits;
        let count = at - start;
        if (byte === point) {
          const fraction = at + 1;
          byte = bytes[++at]!;
          if (!(byte >= zero && byte <= nine)) return undefined;
          do {
            digits = digits * 10 + byte - zero;
            byte = bytes[++at]!;
          } while (byte >= zero && byte <= nine);
          count += at - fraction;
          if (count <= exactDigits) value = digits / powersOfTen[at - fraction]!;
        }
        if (count > exactDigits || byte === 0x65 || byte === 0x45) {
          at = endOfNumber(bytes, start, to);
          value = at < 0 ? Number.NaN : Number(bytes.toString('latin1', start, at));
          if (value - value !== 0) return undefined;
        }
        cells[cell++] = isNegative ? -value : value;
      }
      while (k < fixed.length) if (bytes[at++] !== fixed[k++]) return undefined;
      if (separator === 'comma') while (at < to && isSpace(bytes[at]!)) at++;
      else if (at < to && bytes[at] === carriageReturn) at++;
      // Beyond the end there are bytes, too: of another piece.
      if (at >= to) return at === to ? { names, cells, count: cell / fields } : undefined;
      if (bytes[at++] !== (separator === 'comma' ? comma : lineFeed)) return undefined;
      if (separator === 'line' && at === to) return { names, cells, count: cell / fields };
    }
  }
}

function afterSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at]!)) at++;
  return at;
}

/** Where a name ends that is written in plain ASCII without escapes. */
function endOfName(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== quote && bytes[at]! > 0x20 && bytes[at]! < 0x7f && bytes[at] !== 0x5c) at++;
  return at;
}

/** Where a number ends, by JSON's grammar; -1 where there is none. */
function endOfNumber(bytes: Uint8Array, from: number, to: number): number {
  const afterDigits = (at: number): number => {
    let end = at;
    while (end < to && bytes[end]! >= zero && bytes[end]! <= nine) end++;
    return end;
  };
  const first = bytes[from] === minus ? from + 1 : from;
  let at = bytes[first] === zero ? first + 1 : afterDigits(first);
  if (at === first) return -1;
  if (bytes[at] === point) {
    const end = afterDigits(at + 1);
    if (end === at + 1) return -1;
    at = end;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1] === minus || bytes[at + 1] === 0x2b ? 1 : 0;
    const end = afterDigits(at + 1 + sign);
    if (end === at + 1 + sign) return -1;
    at = end;
  }
  return at;
}

/** No member comes twice, or means something to every object. */
function areOrdinary(names: readonly string[]): boolean {
  return new Set(names).size === names.length && !names.some((name) => name in Object.prototype);
}
