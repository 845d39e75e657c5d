import { promises as fs, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

// Not by the option `recursive` of Node, which says ENOENT for a read-only file system, and never ends in /proc.

/** Creates a folder, with its parents, if it does not exist. Resolves to the first one that was created. */
export async function makeFolders(path: string, mode?: number): Promise<string | undefined> {
  const isFolder = async () => (await fs.stat(path).catch(() => undefined))?.isDirectory() === true;
  if (await isFolder()) return undefined;
  /** Returns whether it created the folder: another process may have done so in the meantime. */
  const make = async () => {
    try {
      await fs.mkdir(path, { mode });
      return true;
    } catch (error) {
      if (await isFolder()) return false;
      throw error;
    }
  };
  try {
    return (await make()) ? path : undefined;
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    const first = await makeFolders(parent, mode);
    return (await make()) ? (first ?? path) : first;
  }
}

/** Like `makeFolders`. */
export function makeFoldersSync(path: string, mode?: number): void {
  const isFolder = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder()) return;
  const make = () => {
    try {
      mkdirSync(path, { mode });
    } catch (error) {
      if (!isFolder()) throw error;
    }
  };
  try {
    make();
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    makeFoldersSync(parent, mode);
    make();
  }
}
