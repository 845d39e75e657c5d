/** The number of bytes read, scanned and returned at a time. */
export const pieceBytes = 64 * 1024;

const roomyBytes = 16 * pieceBytes;

/**
 * The part of a file's text that is in memory: read and not taken yet. The window owns the bytes, so that a parser may
 * temporarily overwrite them.
 */
export class TextWindow {
  bytes = Buffer.allocUnsafe(2 * pieceBytes);
  /** The start and the end of the text that is not taken yet, in `bytes`. */
  start = 0;
  end = 0;
  /** Nothing follows `end`. */
  atEnd = false;
  /** The text started with a byte order mark, which was skipped. */
  hasByteOrderMark = false;

  /** `origin`: the offset in the file of the first byte to come. */
  constructor(private origin: number) {}

  get length(): number {
    return this.end - this.start;
  }

  /** The offset in the file of an offset in `bytes`. */
  offsetOf(at: number): number {
    return this.origin + at;
  }

  /** Empties the window, for the text of another file. */
  restart(): void {
    this.start = this.end = this.origin = 0;
    this.atEnd = this.hasByteOrderMark = false;
  }

  /** Skips a byte order mark (U+FEFF) at the start; false if more text is needed to tell whether it is one. */
  passByteOrderMark(): boolean {
    // A fourth byte distinguishes other encodings.
    if (this.length < 4 && !this.atEnd && !this.beginsAsText()) return false;
    const { bytes, start } = this;
    if (this.length >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) {
      this.start += 3;
      this.hasByteOrderMark = true;
    }
    return true;
  }

  /**
   * Returns whether two bytes are enough to exclude other encodings, a zip archive and bzip2. A growing file may have
   * no more yet.
   */
  private beginsAsText(): boolean {
    if (this.length < 2) return false;
    const [first, second] = this.bytes.subarray(this.start, this.start + 2) as unknown as [number, number];
    const isAscii = (byte: number): boolean => byte > 0 && byte < 0x80;
    const begin = String.fromCharCode(first, second);
    return isAscii(first) && isAscii(second) && begin !== 'PK' && begin !== 'BZ';
  }

  append(piece: Uint8Array): void {
    this.makeRoom(piece.length);
    this.bytes.set(piece, this.end);
    this.end += piece.length;
  }

  private makeRoom(needed: number): void {
    const length = this.length;
    let capacity = this.bytes.length;
    if (capacity > roomyBytes && length + needed <= 2 * pieceBytes) capacity = 2 * pieceBytes;
    while (capacity < length + needed) capacity *= 2;
    if (capacity === this.bytes.length && this.end + needed <= capacity) return;
    const target = capacity === this.bytes.length ? this.bytes : Buffer.allocUnsafe(capacity);
    this.bytes.copy(target, 0, this.start, this.end);
    this.bytes = target;
    this.origin += this.start;
    this.start = 0;
    this.end = length;
  }
}
