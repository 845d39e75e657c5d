/** The text of a file in pieces, decompressed if necessary. */
export interface ByteSource {
  /**
   * Returns the next piece, valid until the next call; undefined at the end. Returns no promise if the piece is
   * available. Calls never overlap. Rejects with a `FileChange` at the end of a file that was changed in the meantime.
   */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The part of the file that was read, 0 to 1, if known. */
  fraction(): number | undefined;
  /** How the file has changed since it was opened: `it grew from 10 to 20 bytes`; undefined if it has not. */
  change(): Promise<string | undefined>;
  /** The offset at which the text starts: a compressed file is always read from its beginning. */
  readonly origin: number;
  readonly packed: boolean;
  /** Closes the source. A pending call settles. */
  close(): Promise<void>;
}
