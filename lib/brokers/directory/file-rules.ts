import path from 'node:path';
import type { Key } from '../../expressions/key.js';
import { isClaim } from '../../files/lock-claim.js';

/** The order of the files found by one scan; ties are ordered by name. */
export type FileOrder = 'created' | 'modified' | 'name' | ((name: string) => Key);

/** Returns whether names alone determine the order. */
export function isOrderOfNames(order: FileOrder): boolean {
  return order === 'name' || typeof order === 'function';
}

/** Which files of a directory are data, when they are complete, and in which order they come. */
export interface FileRules {
  readonly matches: (name: string) => boolean;
  readonly recursive: boolean;
  readonly order: FileOrder;
  readonly settleMs: number;
  readonly marker: string | undefined;
  readonly onLate: 'fail' | 'read' | 'skip';
}

const unfinished = /(?:\.(?:tmp|partial|part|new|crdownload)|~)$/i;

/** Returns whether a name, or the folder that it is in, is hidden: `.git`, `_temporary`. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_');
}

/** Returns whether a file of this name is data. Its folders were checked before. */
export function isData(name: string, { matches, marker }: FileRules): boolean {
  const last = name.slice(name.lastIndexOf('/') + 1);
  if (isHidden(last) || unfinished.test(last) || isClaim(last)) return false;
  return !(marker !== undefined && last.endsWith(marker)) && matches(name);
}

/** Returns whether a file is data of a directory. Both paths are absolute. */
export function isDataOf(directory: string, file: string, rules: FileRules): boolean {
  const name = path.relative(directory, file);
  const parts = name.split(path.sep);
  // `..` is outside, and on Windows so is a name with another drive.
  if (path.isAbsolute(name) || parts.some(isHidden)) return false;
  return (rules.recursive || parts.length === 1) && isData(parts.join('/'), rules);
}
