import { unicodePattern } from '../../base/unicode-pattern.js';

/** The place where a text stops being JSON, and why. */
export interface JsonFault {
  /** The offset of the first byte that does not fit, or the end if the text is too short. */
  readonly at: number;
  readonly expected: string;
  readonly found: string;
}

/**
 * Checks JSON byte by byte, to find exactly where it breaks. It is used only for text that `JSON.parse` has rejected:
 * `JSON.parse` is much faster, but its errors differ between versions of Node and contain neither bytes nor lines.
 * Nesting is kept on the heap, so no depth overflows the stack.
 */
export class StrictJson {
  fault: JsonFault | undefined;

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
    /** The name of the end of the text, for errors: `the end of the file`. */
    private readonly endName: string,
  ) {}

  skipSpace(): void {
    while (this.at < this.end && isSpace(this.bytes[this.at]!)) this.at++;
  }

  /** Records what was expected here, and what was found. */
  fail(expected: string): false {
    this.fault ??= { at: this.at, expected, found: this.describe() };
    return false;
  }

  /** Checks one value, and the white space before it. If it returns false, `fault` has the reason. */
  value(): boolean {
    const closers: number[] = [];
    for (;;) {
      this.skipSpace();
      const opened = this.byte();
      if (opened === openBrace || opened === openBracket) {
        const closer = opened + 2;
        this.at++;
        this.skipSpace();
        if (this.byte() !== closer) {
          if (opened === openBrace && !this.name()) return false;
          closers.push(closer);
          continue;
        }
        this.at++;
      } else if (!this.scalar(opened)) {
        return false;
      }
      const more = this.afterValue(closers);
      if (more !== 'value') return more === 'done';
    }
  }

  /** Closes what ends here. Then another value follows, or the outermost one is complete. */
  private afterValue(closers: number[]): 'value' | 'done' | 'fault' {
    for (let closer = closers.at(-1); closer !== undefined; closer = closers.at(-1)) {
      this.skipSpace();
      const byte = this.byte();
      if (byte === comma) {
        this.at++;
        if (closer === closeBrace && !this.name()) return 'fault';
        return 'value';
      }
      if (byte !== closer) {
        this.fail(closer === closeBrace ? "',' or '}'" : "',' or ']'");
        return 'fault';
      }
      this.at++;
      closers.pop();
    }
    return 'done';
  }

  private name(): boolean {
    this.skipSpace();
    if (this.byte() !== quote) return this.fail('a property name in double quotes');
    if (!this.string()) return false;
    this.skipSpace();
    if (this.byte() !== colon) return this.fail("':'");
    this.at++;
    return true;
  }

  private scalar(byte: number | undefined): boolean {
    if (byte === quote) return this.string();
    if (byte === 0x74) return this.word('true');
    if (byte === 0x66) return this.word('false');
    if (byte === 0x6e) return this.word('null');
    if (byte === minus || isDigit(byte)) return this.number();
    return this.fail('a value');
  }

  private word(word: string): boolean {
    for (let i = 0; i < word.length; i++, this.at++) {
      if (this.byte() !== word.charCodeAt(i)) return this.fail(word);
    }
    return true;
  }

  private number(): boolean {
    if (this.byte() === minus) this.at++;
    if (this.byte() === 0x30) this.at++;
    else if (!this.digits()) return false;
    if (this.byte() === 0x2e) {
      this.at++;
      if (!this.digits()) return false;
    }
    if (((this.byte() ?? 0) | 0x20) !== 0x65) return true;
    this.at++;
    if (this.byte() === minus || this.byte() === 0x2b) this.at++;
    return this.digits();
  }

  private digits(): boolean {
    if (!isDigit(this.byte())) return this.fail('a digit');
    while (isDigit(this.byte())) this.at++;
    return true;
  }

  private string(): boolean {
    for (this.at++; ; this.at++) {
      const byte = this.byte();
      if (byte === quote) break;
      if (byte === undefined) return this.fail('a closing double quote');
      if (byte < 0x20) return this.fail('a closing double quote, or this character as an escape');
      if (byte === 0x5c && !this.escape()) return false;
    }
    this.at++;
    return true;
  }

  /** From the backslash to the last character of the escape. */
  private escape(): boolean {
    this.at++;
    const byte = this.byte();
    if (byte !== 0x75) {
      return (byte !== undefined && escapes.includes(byte)) || this.fail('one of " \\ / b f n r t u after a backslash');
    }
    for (let i = 0; i < 4; i++) {
      this.at++;
      if (!isHexDigit(this.byte())) return this.fail('four hexadecimal digits after \\u');
    }
    return true;
  }

  private byte(): number | undefined {
    return this.at < this.end ? this.bytes[this.at] : undefined;
  }

  private describe(): string {
    return this.at < this.end ? describeCharacter(this.bytes, this.at, this.end) : this.endName;
  }
}

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const colon = 0x3a;
const openBracket = 0x5b;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const escapes = new TextEncoder().encode('"\\/bfnrt');

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isHexDigit = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** White space in JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const visible = unicodePattern(String.raw`^[^\p{C}\p{Z}\p{M}]$`);

/** The character at an offset, as named in errors: `'x'`, `byte 0xff`, `U+FEFF` for invisible ones. */
export function describeCharacter(bytes: Uint8Array, at: number, end: number): string {
  const byte = bytes[at]!;
  if (byte < 0x20 || byte === 0x7f) return `byte 0x${byte.toString(16).padStart(2, '0')}`;
  if (byte < 0x80) return `'${String.fromCharCode(byte)}'`;
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
  const text = Buffer.from(bytes.subarray(at, Math.min(at + length, end))).toString('utf8');
  if (text.includes('\ufffd')) return `byte 0x${byte.toString(16)}`;
  if (visible().test(text)) return `'${text}'`;
  return `U+${text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
