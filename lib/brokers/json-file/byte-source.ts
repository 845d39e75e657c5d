import { type FileHandle, open } from 'node:fs/promises';
import { GzipSource } from './gzip-source.js';
import { PlainSource } from './plain-source.js';

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

/** Opens a file for reading at an offset. A packed one is known by its first two bytes. */
export async function openSource(path: string, offset: number): Promise<ByteSource> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return (await isGzip(file)) ? new GzipSource(file, size) : new PlainSource(file, size, offset);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
