/**
 * Finds the ends of the elements of a JSON array without parsing them, by counting brackets outside of strings. The
 * bytes may be split anywhere; scanning continues where it stopped. Offsets are relative to the start of the text that
 * is not taken yet, which is always a separator: the opening bracket of the array, or the comma before an element. `ArrayParser`
 * uses it where its guess of the cut fails.
 *
 * The text between the cuts may be invalid JSON: the parser checks it.
 */
export class BracketScanner {
  /** The offset of the last comma between two elements, or of the closing bracket; -1 if there is none yet. */
  cut = -1;
  /** The offset of the first such comma or bracket: the end of the first element. */
  firstCut = -1;
  /** The cut is the closing bracket of the array. */
  closed = false;

  private scanned = 1;
  private depth = 1;
  private inString = false;

  /** Starts over, just after a separator. */
  restart(): void {
    this.cut = this.firstCut = -1;
    this.closed = false;
    this.scanned = this.depth = 1;
    this.inString = false;
  }

  /** Notes that the text up to the cut was taken: it starts with the cut from now on. */
  taken(): void {
    this.scanned -= this.cut;
    this.cut = this.firstCut = -1;
  }

  /** Notes that this many bytes at the start of the text were dropped; the text continues. */
  dropped(count: number): void {
    this.scanned -= count;
    if (this.cut >= 0) this.cut -= count;
    if (this.firstCut >= 0) this.firstCut -= count;
  }

  /** The scanner is between elements, or in a scalar element. */
  get outside(): boolean {
    return this.depth === 1 && !this.inString;
  }

  /** Scans the bytes added since the last call. The text that is not taken yet is from `start` to `end`. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    let at = start + this.scanned;
    let depth = this.depth;
    let inString = this.inString;
    while (at < end && !this.closed) {
      if (inString) {
        // A backslash at the very end steps past it: the character that it escapes is then the first of the next piece.
        for (; at < end && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
        if (at >= end) break;
        inString = false;
      } else {
        const kind = kinds[bytes[at]!];
        if (kind === QUOTE) inString = true;
        else if (kind === OPEN) depth++;
        else if (kind === CLOSE && --depth === 0) {
          this.found(at - start);
          this.closed = true;
        } else if (kind === COMMA && depth === 1) this.found(at - start);
      }
      at++;
    }
    this.scanned = at - start;
    this.depth = depth;
    this.inString = inString;
  }

  private found(offset: number): void {
    this.cut = offset;
    if (this.firstCut < 0) this.firstCut = offset;
  }
}

const quote = 0x22;
const backslash = 0x5c;

const OPEN = 1;
const CLOSE = 2;
const QUOTE = 3;
const COMMA = 4;
const kinds = new Uint8Array(256);
kinds[0x5b] = kinds[0x7b] = OPEN;
kinds[0x5d] = kinds[0x7d] = CLOSE;
kinds[quote] = QUOTE;
kinds[0x2c] = COMMA;
