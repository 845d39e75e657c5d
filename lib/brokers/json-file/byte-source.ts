/** The text of a file, piece by piece, decompressed if needed. */
export interface ByteSource {
  /**
   * Valid until the next call; undefined at the end. At once where it is available. Never two calls at once. Rejects with a
   * `FileChange` at the end of a file that was changed in the meantime.
   */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** How much of the file was read, 0 to 1, where that is known. */
  fraction(): number | undefined;
  /** What happened to the file since it was opened: `it grew from 10 to 20 bytes`; undefined: nothing. */
  change(): Promise<string | undefined>;
  /** The text begins at this offset: a compressed file is always read from its beginning. */
  readonly origin: number;
  readonly packed: boolean;
  /** A pending call settles. */
  close(): Promise<void>;
}
