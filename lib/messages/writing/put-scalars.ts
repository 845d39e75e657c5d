/** Longer strings are written faster by the system. */
export const longestString = 48;
/** `-0.0000012345678901234567`: 17 digits after the largest number of zeros without an exponent. */
export const longestNumber = 25;
const billion = 1e9;

/**
 * Writes the digits of a whole number by division, in two parts if it has more than 32 bits; other numbers as
 * JavaScript prints them. Returns the end of the text, or -1 for a number that JSON does not have.
 */
export function putNumber(bytes: Uint8Array, at: number, value: number): number {
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

/** Writes a short string that needs no escapes, in quotes. Returns the end of the text, or -1 for other strings. */
export function putString(bytes: Uint8Array, at: number, value: string): number {
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
