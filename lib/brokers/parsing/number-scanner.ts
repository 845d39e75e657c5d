import { compile } from '../../base/compile.js';

/** The separator between two elements: a comma or a line end. */
export type RowSeparator = 'comma' | 'line';

/**
 * Stores the numbers of all elements between two offsets one after another, and returns their number; -1 if the text
 * does not fit the template.
 */
export type ScanNumbers = (bytes: Buffer, from: number, to: number, cells: Float64Array) => number;

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
/**
 * A whole number with up to this many digits is exact in a double, and one division by a power of ten rounds correctly.
 */
const exactDigits = 15;
const powers = Float64Array.from({ length: exactDigits + 1 }, (_, i) => 10 ** i);

/**
 * Generates a scanner that compares the text around the numbers with literals, byte by byte. Undefined if code must not
 * be generated. Only numbers, the values of bytes, get from the data into the generated code.
 */
export function makeScanner(fixed: readonly (readonly number[])[], separator: RowSeparator): ScanNumbers | undefined {
  const isLines = separator === 'line';
  const last = fixed.length - 1;
  const space = 'bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09';
  const passSpace = `while (at < to && (${space})) at++;`;
  const body = `return (bytes, from, to, cells) => {
    let cell = 0;
    for (let at = from; ; ) {
      ${isLines ? '' : passSpace}
      ${fixed
        .slice(0, last)
        .map((lead) => `${compare(lead)} ${readNumber}`)
        .join('\n')}
      ${compare(fixed[last] as readonly number[])}
      ${isLines ? 'if (at < to && bytes[at] === 0x0d) at++;' : passSpace}
      // There are bytes beyond the end, too: those of another piece.
      if (at >= to) return at === to ? cell : -1;
      if (bytes[at++] !== ${isLines ? 0x0a : 0x2c}) return -1;
      ${isLines ? 'if (at === to) return cell;' : ''}
    }
  };`;
  return compile<ScanNumbers>({ powers, endOfNumber }, body);
}

function compare(bytes: readonly number[]): string {
  const differs = bytes.map((byte, i) => `bytes[at + ${i}] !== ${byte}`).join(' || ');
  return `if (${differs}) return -1; at += ${bytes.length};`;
}

/** Converts digits; numbers with many digits or an exponent are converted by JavaScript. */
const readNumber = `{
  let byte = bytes[at];
  const isNegative = byte === 0x2d;
  if (isNegative) byte = bytes[++at];
  const start = at;
  let digits = 0;
  if (byte === 0x30) byte = bytes[++at];
  else if (byte >= 0x31 && byte <= 0x39) {
    do {
      digits = digits * 10 + byte - 0x30;
      byte = bytes[++at];
    } while (byte >= 0x30 && byte <= 0x39);
  } else return -1;
  let value = digits;
  let count = at - start;
  if (byte === 0x2e) {
    const fraction = at + 1;
    byte = bytes[++at];
    if (!(byte >= 0x30 && byte <= 0x39)) return -1;
    do {
      digits = digits * 10 + byte - 0x30;
      byte = bytes[++at];
    } while (byte >= 0x30 && byte <= 0x39);
    count += at - fraction;
    if (count <= ${exactDigits}) value = digits / powers[at - fraction];
  }
  if (count > ${exactDigits} || byte === 0x65 || byte === 0x45) {
    at = endOfNumber(bytes, start, to);
    value = at < 0 ? NaN : Number(bytes.toString('latin1', start, at));
    if (value - value !== 0) return -1;
  }
  cells[cell++] = isNegative ? -value : value;
}`;

/** The end of a number in the grammar of JSON; -1 if there is none. */
export function endOfNumber(bytes: Uint8Array, from: number, to: number): number {
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
