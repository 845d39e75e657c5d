import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** A digest of a part of a file, to check whether it is still the file that was read. JSON. */
export interface FileSample {
  readonly from: number;
  readonly to: number;
  readonly digest: string;
}

/** The number of bytes sampled at the beginning and at the end. */
export const sampleBytes = 16 * 1024;

export async function sampleOf(file: FileHandle, from: number, to: number): Promise<FileSample> {
  return { from, to, digest: digestOf(await readPart(file, from, to)) };
}

/** The digest of bytes that were read up to an offset. */
export function sampleOfBytes(bytes: Uint8Array, to: number): FileSample {
  return { from: to - bytes.length, to, digest: digestOf(bytes) };
}

/** Returns whether a part of a file is unchanged. */
export async function isSame(file: FileHandle, { from, to, digest }: FileSample): Promise<boolean> {
  return digestOf(await readPart(file, from, to)) === digest;
}

/** Reads a part of a file; less if the file is shorter. */
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
