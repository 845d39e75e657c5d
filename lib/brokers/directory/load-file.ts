import { constants, promises as fs } from 'node:fs';
import type { FileStamp } from './journal-text.js';

/** Opening waits for nobody, should a pipe stand under the name by now. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What became of a file that was to be read. */
export type LoadedFile =
  /** All of it, as it was when it came. */
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly modified: Date }
  /** It is too large to be held, and open. */
  | { readonly kind: 'large'; readonly handle: fs.FileHandle; readonly modified: Date }
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed'; readonly change: string };

/** Reads a file whole; it is looked at before and after, on the open descriptor. One of more bytes is only opened. */
export async function loadFile(path: string, stamp: FileStamp, most: number): Promise<LoadedFile> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(path, readOnly);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return { kind: 'gone' };
    throw error;
  }
  let isKept = false;
  try {
    const before = await changeSince(handle, stamp);
    if (before !== undefined) return { kind: 'changed', change: before };
    const modified = new Date(Number(BigInt(stamp.mtimeNs) / 1_000_000n));
    isKept = stamp.size > most;
    if (isKept) return { kind: 'large', handle, modified };
    const bytes = await readAll(handle, stamp.size);
    const change = await changeSince(handle, stamp);
    if (change !== undefined) return { kind: 'changed', change };
    return { kind: 'whole', bytes, modified };
  } finally {
    if (!isKept) await handle.close();
  }
}

/** How an open file differs from what it was, in words; undefined: it does not. */
export async function changeSince(handle: fs.FileHandle, { size, mtimeNs }: FileStamp): Promise<string | undefined> {
  const now = await handle.stat({ bigint: true });
  if (!now.isFile()) return 'it is a file no more';
  if (now.size > size) return `it grew from ${size} to ${now.size} bytes`;
  if (now.size < size) return `it shrank from ${size} to ${now.size} bytes`;
  return String(now.mtimeNs) === mtimeNs ? undefined : 'it was written to';
}

async function readAll(handle: fs.FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
    // The look at the end says that it shrank.
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
