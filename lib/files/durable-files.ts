import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file as a whole: after a crash it holds the previous text or this one, never a part. */
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

/** The temporary place of the new text of a file. */
export function freshName(path: string): string {
  return `${path}.new`;
}

/**
 * A new, empty file. What stood under the name is gone, not changed: a link is not followed, and who has the previous file
 * open, or has it under another name, too, still has it as it was.
 */
export async function createFile(path: string, mode?: number): Promise<fs.FileHandle> {
  await ifExists(fs.unlink(path));
  return fs.open(path, 'wx+', mode);
}

/** Makes a directory, with those above it, so that it outlives a loss of power. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await fs.mkdir(path, { recursive: true });
  if (first === undefined) return;
  const top = dirname(first);
  for (let made = path; made !== top; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Makes a rename in a directory outlive a loss of power. Windows has no such call, and needs none. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What the system says of a path that does not exist (yet), as undefined. */
export async function ifExists<T>(outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
