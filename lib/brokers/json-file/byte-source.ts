/** The text of a file, piece by piece, unpacked where it is packed. */
export interface ByteSource {
  /** Valid until the next call; undefined at the end. At once where it is at hand. Never two calls at once. */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** How much of the file was read, 0 to 1. */
  fraction(): number;
  /** The text begins at this offset: a packed file is always read from its beginning. */
  readonly origin: number;
  readonly packed: boolean;
  close(): Promise<void>;
}
