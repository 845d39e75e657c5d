import { closeSync, constants, promises as fs, fstatSync, open, read } from 'node:fs';
import type { FileStamp } from './journal-text.js';

/** Opening must not block if the name is a pipe by now. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The outcome of loading a file. */
export type LoadedFile =
  /** The whole file, unchanged since it arrived. */
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly modified: Date }
  /** The file is too large to buffer; it is open. */
  | { readonly kind: 'large'; readonly handle: fs.FileHandle; readonly modified: Date }
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed'; readonly change: string };

/**
 * Reads a file completely, checking the open descriptor before and after. A file larger than `most` bytes is only
 * opened.
 */
export async function loadFile(path: string, stamp: FileStamp, most: number): Promise<LoadedFile> {
  try {
    return await (stamp.size > most ? openLarge(path, stamp) : readWhole(path, stamp));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return { kind: 'gone' };
    throw error;
  }
}

/** How an open file differs from its state at arrival, in words; undefined if it does not. */
export function changeSince(descriptor: number, { size, mtimeNs }: FileStamp): string | undefined {
  const now = fstatSync(descriptor, { bigint: true });
  if (!now.isFile()) return 'it is a file no more';
  if (now.size > size) return `it grew from ${size} to ${now.size} bytes`;
  if (now.size < size) return `it shrank from ${size} to ${now.size} bytes`;
  return String(now.mtimeNs) === mtimeNs ? undefined : 'it was written to';
}

async function openLarge(path: string, stamp: FileStamp): Promise<LoadedFile> {
  const handle = await fs.open(path, readOnly);
  try {
    const change = changeSince(handle.fd, stamp);
    if (change === undefined) return { kind: 'large', handle, modified: modifiedAt(stamp) };
    await handle.close();
    return { kind: 'changed', change };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Directories may have many small files, and each step on another thread costs as much as reading a small file. So only
 * steps that may wait for the disk are asynchronous: finding the file and reading it. The state of an open descriptor
 * is in the kernel's memory.
 */
async function readWhole(path: string, stamp: FileStamp): Promise<LoadedFile> {
  const descriptor = await opened(path);
  try {
    const before = changeSince(descriptor, stamp);
    if (before !== undefined) return { kind: 'changed', change: before };
    const bytes = await readAll(descriptor, stamp.size);
    const change = changeSince(descriptor, stamp);
    if (change !== undefined) return { kind: 'changed', change };
    return { kind: 'whole', bytes, modified: modifiedAt(stamp) };
  } finally {
    closeSync(descriptor);
  }
}

function modifiedAt({ mtimeNs }: FileStamp): Date {
  return new Date(Number(BigInt(mtimeNs) / 1_000_000n));
}

async function readAll(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const count = await readAt(descriptor, bytes, filled);
    // The final check reports that it shrank.
    if (count === 0) break;
    filled += count;
  }
  return filled === size ? bytes : bytes.subarray(0, filled);
}

function opened(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, readOnly, (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
  });
}

function readAt(descriptor: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, at, bytes.length - at, at, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
