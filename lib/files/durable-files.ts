import { constants, promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from './make-folders.js';

/** Replaces a file atomically: after a crash it has the previous text or the new one, never a part. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = freshName(path);
  const file = await createFile(fresh);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.rename(fresh, path);
  await syncDirectory(dirname(path));
}

/** The temporary name of a file's new contents. */
export function freshName(path: string): string {
  return `${path}.new`;
}

/**
 * Creates a new, empty file. An existing file of that name is unlinked, not changed: a link is not followed, and other
 * users of the previous file, by an open handle or another name, keep it unchanged.
 */
export async function createFile(path: string, mode?: number): Promise<fs.FileHandle> {
  await ifExists(fs.unlink(path));
  return fs.open(path, 'wx+', mode);
}

/** Reads a file that is kept from run to run. Rejects for something else of that name: reading a pipe would block. */
export async function readKept(path: string): Promise<Buffer> {
  const file = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const state = await file.stat();
    if (!state.isFile() && !state.isDirectory()) throw new Error(`${path} is not a regular file`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The same for text in UTF-8. */
export async function readKeptText(path: string): Promise<string> {
  return (await readKept(path)).toString();
}

/** Creates a directory, with its parents, so that it survives a power failure. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await makeFolders(path);
  if (first === undefined) return;
  const top = dirname(first);
  for (let made = path; made !== top; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Makes a rename in a directory survive a power failure. Windows has no such call, and needs none. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Converts the error for a path that does not exist (yet) to undefined. */
export async function ifExists<T>(outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
