import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from './byte-source.js';
import { GzipSource } from './gzip-source.js';
import { PlainSource } from './plain-source.js';

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
