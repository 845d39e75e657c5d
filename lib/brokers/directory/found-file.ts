import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { FileStamp } from './journal-text.js';

/** The state of a file at a scan. */
export interface FoundFile extends FileStamp {
  readonly name: string;
  readonly createdNs: bigint;
  readonly modifiedNs: bigint;
}

/** The number of files checked concurrently. */
const atOnce = 64;

/** Checks files. Files that are gone by now, dangling links and anything but files are left out. */
export async function lookAt(directory: string, names: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce).map((name) => lookAtOne(directory, name));
    for (const file of await Promise.all(some)) if (file !== undefined) found.push(file);
  }
  return found;
}

export function lookAtOne(directory: string, name: string): Promise<FoundFile | undefined> {
  return lookAtPath(path.join(directory, name), name);
}

/** Like `lookAt`, for a file whose path differs from its name. */
export async function lookAtPath(file: string, name: string): Promise<FoundFile | undefined> {
  try {
    const stats = await fs.stat(file, { bigint: true });
    if (!stats.isFile()) return undefined;
    const { size, mtimeNs, birthtimeNs } = stats;
    // Some file systems do not record the creation time.
    const createdNs = birthtimeNs > 0n ? birthtimeNs : mtimeNs;
    return { name, size: Number(size), mtimeNs: String(mtimeNs), createdNs, modifiedNs: mtimeNs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}
