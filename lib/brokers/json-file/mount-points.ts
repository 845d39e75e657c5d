import { promises as fs, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether something is mounted on this file, as containers do it with single files: then it cannot be replaced by a
 * rename. Linux has a list of mounts. Elsewhere another device than the folder's tells; not on Linux, where files of an
 * overlay have one.
 */
export async function isMountPoint(path: string, state: Stats): Promise<boolean> {
  const mounts = await fs.readFile('/proc/self/mountinfo', 'utf8').catch(() => undefined);
  if (mounts === undefined) return (await fs.stat(dirname(path))).dev !== state.dev;
  return mounts.split('\n').some((line) => unescaped(line.split(' ')[4] ?? '') === path);
}

/** Blanks and the like are written as a backslash and three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
