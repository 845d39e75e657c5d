import { countCharacters, type LinePlace } from '../parsing/bad-element.js';
import { lineFeed } from '../parsing/lines.js';

const carriageReturn = 0x0d;

/** Complete elements of a text, as bytes, and their place in the file. */
export class TextRegion {
  /** The last line that was located, and its start. */
  private known: { line: number; from: number };

  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
    /** The number of lines that end before the region. */
    readonly line: number,
    /** The offset of the first byte in the file. */
    readonly byte: number,
  ) {
    this.known = { line: line + 1, from: start };
  }

  get length(): number {
    return this.end - this.start;
  }

  /**
   * Returns whether there is a carriage return. Searching the bytes takes a tenth of the time of searching a long text.
   */
  get hasReturns(): boolean {
    return this.bytes.subarray(this.start, this.end).indexOf(carriageReturn) >= 0;
  }

  /**
   * The place in the file of an offset in the bytes. Offsets must be passed in order, so that all of them take one
   * pass.
   */
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

  /** The number of lines that end before the end of the region. */
  get linesBefore(): number {
    return this.placeOf(this.end).line - 1;
  }
}
