import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { FileStamp } from './journal-text.js';

/** A file that a scan looked at. */
export interface FoundFile extends FileStamp {
  readonly name: string;
  readonly createdNs: bigint;
  readonly modifiedNs: bigint;
}

/** How many are looked at at once. */
const atOnce = 64;

/** Looks at files; those that are gone by now, dangling links and what is not a file are left out. */
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

/** The same for a file that may be elsewhere than its name says. */
export async function lookAtPath(file: string, name: string): Promise<FoundFile | undefined> {
  try {
    const stats = await fs.stat(file, { bigint: true });
    if (!stats.isFile()) return undefined;
    const { size, mtimeNs, birthtimeNs } = stats;
    // Some file systems do not know when a file was made.
    const createdNs = birthtimeNs > 0n ? birthtimeNs : mtimeNs;
    return { name, size: Number(size), mtimeNs: String(mtimeNs), createdNs, modifiedNs: mtimeNs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}
