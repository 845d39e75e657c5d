import { promises as fs, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { ifExists } from '../../../files/durable-files.js';
import { followLinks, standardOutput } from '../file-names.js';
import { outputRefused, writing } from './output-errors.js';

/** The location of results, and how they are written. */
export interface OutputPlace {
  /** The path with links resolved. */
  readonly path: string;
  /** It is not a file that could be replaced: results are written into it directly. */
  readonly isStream: boolean;
}

/**
 * Finds the location of an output. Throws, before any call, if it cannot or must not be replaced by a result file.
 *
 * @param path The absolute path; `label` is the path as the user wrote it: `-` is the standard output.
 */
export async function outputPlaceOf(path: string, label: string): Promise<OutputPlace> {
  const place = label === '-' ? standardOutput : await followLinks(path);
  if (place === standardOutput) return { path: place, isStream: true };
  const state = await stateOf(place);
  if (state?.isFIFO()) return { path: place, isStream: true };
  if (state === undefined && /[\\/]$/.test(label)) {
    throw outputRefused(place, 'a folder, by the slash at its end', 'Name a file in it.');
  }
  if (state !== undefined) await refuseUnlessReplaceable(place, state);
  return { path: place, isStream: false };
}

/**
 * Throws for anything but a file that has the name of one of our files next to the results: it is neither followed nor
 * removed.
 */
export async function refuseForeign(path: string, use: string): Promise<void> {
  const state = await writing(path, ifExists(fs.lstat(path)));
  if (state === undefined || state.isFile()) return;
  throw outputRefused(
    path,
    `${kindOf(state)}, where ${use} would be written`,
    'Move it, or give the output another name.',
  );
}

async function refuseUnlessReplaceable(path: string, state: Stats): Promise<void> {
  if (!state.isFile()) {
    const remedy = state.isDirectory() ? 'Name a file in it.' : 'Name a regular file, a named pipe or -.';
    throw outputRefused(path, kindOf(state), remedy);
  }
  if (await isMountPoint(path, state)) {
    const remedy = 'The results would have to take its place. Mount its folder instead, and name a file in it.';
    throw outputRefused(path, 'a mount point', remedy);
  }
  await writing(path, fs.access(path, fs.constants.W_OK));
  if (await isAnothersInSticky(path, state)) {
    const remedy = 'Name a file in a folder of your own.';
    throw outputRefused(path, 'a file of another user in a folder where only owners may replace files', remedy);
  }
}

/**
 * Returns whether something is mounted on this file, as containers do with single files: then a rename cannot replace
 * it. Linux has a list of mounts. On other systems the device differs from the folder's; not on Linux, where files of
 * an overlay have a device of their own.
 */
async function isMountPoint(path: string, state: Stats): Promise<boolean> {
  const mounts = await fs.readFile('/proc/self/mountinfo', 'utf8').catch(() => undefined);
  if (mounts === undefined) return (await fs.stat(dirname(path))).dev !== state.dev;
  return mounts.split('\n').some((line) => unescaped(line.split(' ')[4] ?? '') === path);
}

/** Blanks and similar characters are written as a backslash and three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * Returns whether a file belongs to another user in a sticky folder like /tmp: it may be writable, but cannot be
 * replaced.
 */
async function isAnothersInSticky(path: string, state: Stats): Promise<boolean> {
  const user = process.getuid?.() ?? 0;
  if (user === 0 || state.uid === user) return false;
  const folder = await fs.stat(dirname(path));
  return (folder.mode & 0o1000) !== 0 && folder.uid !== user;
}

function kindOf(state: Stats): string {
  if (state.isDirectory()) return 'a folder';
  if (state.isSymbolicLink()) return 'a symbolic link';
  if (state.isCharacterDevice()) return 'a character device';
  if (state.isBlockDevice()) return 'a block device';
  return state.isFIFO() ? 'a named pipe' : 'a socket';
}

/** Undefined if nothing exists yet. */
function stateOf(path: string): Promise<Stats | undefined> {
  return writing(path, ifExists(fs.stat(path)));
}
