import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** A part of a file, and what it held: enough to see whether a file is still the one that was read. JSON. */
export interface FileSample {
  readonly from: number;
  readonly to: number;
  readonly digest: string;
}

/**
 * What a file was when it was opened: how long, and of how many bytes at its beginning which digest. It is in the marks that
 * another broker keeps, so it is short. JSON.
 */
export type FileStamp = readonly [size: number, head: number, digest: string];

/** How much of the beginning and of the end is looked at. */
export const sampleBytes = 16 * 1024;

export async function sampleOf(file: FileHandle, from: number, to: number): Promise<FileSample> {
  return { from, to, digest: digestOf(await readPart(file, from, to)) };
}

/** Whether the part of a file holds what it held. */
export async function isSame(file: FileHandle, { from, to, digest }: FileSample): Promise<boolean> {
  return digestOf(await readPart(file, from, to)) === digest;
}

/** Less than asked for where the file is shorter. */
export async function readPart(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
