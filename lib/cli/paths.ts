import { type Stats, statSync } from 'node:fs';
import { thrownSentence } from '../base/thrown.js';
import { makeFoldersSync } from '../files/make-folders.js';
import { commandError } from './command-error.js';

/** Throws if the path is not a file to read from. */
export function checkFile(file: string, advice = ''): void {
  const found = statsOf(file);
  if (found === undefined) throw commandError(`There is no file ${file}.${advice}`, { file });
  if (found.isDirectory()) throw commandError(`${file} is a folder, expected a file.${advice}`, { file });
}

/** Throws if the path is not a folder. */
export function checkFolder(folder: string): void {
  const found = statsOf(folder);
  if (found === undefined) throw commandError(`There is no folder ${folder}.`, { folder });
  if (!found.isDirectory()) throw commandError(`${folder} is a file, expected a folder.`, { folder });
}

/** Creates a folder, with its parents, if it does not exist. */
export function makeFolder(folder: string): void {
  if (statsOf(folder) !== undefined) {
    checkFolder(folder);
    return;
  }
  try {
    makeFoldersSync(folder);
  } catch (error) {
    throw commandError(`${folder} cannot be made a folder: ${thrownSentence(error)}`, { folder }, error);
  }
}

/** The state of a path; undefined if it does not exist, even if a parent is a file. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw commandError(`${path} cannot be accessed: ${thrownSentence(error)}`, { path }, error);
  }
}
