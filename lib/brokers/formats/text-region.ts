import { countCharacters, type LinePlace } from '../json-file/bad-element.js';
import { lineFeed } from '../json-file/lines.js';

const carriageReturn = 0x0d;

/** Some whole elements of a text, as bytes, and where they are in their file. */
export class TextRegion {
  /** The line that was asked for last, and where it begins. */
  private known: { line: number; from: number };

  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
    /** The lines that end before it. */
    readonly line: number,
    /** The offset in the file of its first byte. */
    readonly byte: number,
  ) {
    this.known = { line: line + 1, from: start };
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Whether there is a carriage return. To search the bytes takes a tenth of what it takes to search a long text. */
  get hasReturns(): boolean {
    return this.bytes.subarray(this.start, this.end).indexOf(carriageReturn) >= 0;
  }

  /** Where an offset in the bytes is in the file. They must be asked for in order: so all of them take one pass. */
  placeOf(at: number): LinePlace {
    let { line, from } = this.known;
    for (;;) {
      const found = this.bytes.subarray(from, at).indexOf(lineFeed);
      if (found < 0) break;
      from += found + 1;
      line++;
    }
    this.known = { line, from };
    return { line, column: countCharacters(this.bytes, from, at) + 1, byte: this.byte + at - this.start };
  }

  /** The lines that end before its end. */
  get linesBefore(): number {
    return this.placeOf(this.end).line - 1;
  }
}
