import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';

/** A directory, as named in errors. */
export interface DirectoryPlace {
  /** The message class, or the source. */
  readonly message: string;
  /** As given by the user. */
  readonly directory: string;
}

/** A file of the directory, and its number in the order. */
interface NamedFile {
  readonly n: number;
  readonly name: string;
}

/** The error for a directory that cannot be listed: it is never treated as empty. */
export function cannotList({ message, directory }: DirectoryPlace, folder: string, cause: unknown): WaterMillError {
  const { code } = cause as NodeJS.ErrnoException;
  const found =
    code === 'ENOENT'
      ? 'no such directory'
      : code === 'ENOTDIR'
        ? 'something that is not a directory'
        : code === 'EACCES' || code === 'EPERM'
          ? `a directory that this process may not read (${code})`
          : reasonOf(cause);
  const otherwise = `Check the path and its permissions (the working directory is ${process.cwd()}); it was not treated as empty.`;
  return new WaterMillError(
    'WM_DIRECTORY_UNREADABLE',
    `The directory of ${message} cannot be read: expected a directory at ${folder}, found ${found}. ` +
      diskRemedy(cause, otherwise),
    { message, stream: directory, expected: 'a directory', found },
    { cause },
  );
}

export function notUtf8Name({ message, directory }: DirectoryPlace, name: string): WaterMillError {
  return new WaterMillError(
    'WM_FILE_UNREADABLE',
    `${name} in ${directory}, of ${message}, cannot be read: expected a name in UTF-8, found other bytes, shown as \ufffd. Rename it, or move it away.`,
    { message, stream: directory, file: name, expected: 'a name in UTF-8', found: 'other bytes' },
  );
}

export function isLate(
  { message, directory }: DirectoryPlace,
  name: string,
  key: string,
  highest: string,
): WaterMillError {
  return new WaterMillError(
    'WM_FILE_LATE',
    `${name} in ${directory}, a file of ${message}, arrived too late: expected an order of at least ${highest}, that of an earlier file, found ${key}. ` +
      "Move it away, or set onLate: 'skip' to leave such files out, or 'read' to read them as they arrive.",
    { message, stream: directory, file: name, expected: `at least ${highest}`, found: key },
  );
}

export function isGone(
  place: DirectoryPlace,
  { n, name }: NamedFile,
  position: number,
  advice: string,
): WaterMillError {
  const { message, directory } = place;
  return new WaterMillError(
    'WM_FILE_GONE',
    `${name} in ${directory}, file ${n} of ${message}, is gone, and it is still to be read. ${advice}`,
    { message, stream: directory, position, file: name, expected: 'the file that was there', found: 'none' },
  );
}

export function hasChanged(
  { message, directory }: DirectoryPlace,
  { n, name }: NamedFile,
  position: number,
  change: string,
  advice: string,
): WaterMillError {
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${name} in ${directory}, file ${n} of ${message}, has changed since it arrived: ${change}. ${advice}`,
    { message, stream: directory, position, file: name, expected: 'a file that does not change', found: change },
  );
}

export function cannotReadFile(
  { message, directory }: DirectoryPlace,
  { n, name }: NamedFile,
  position: number,
  cause: unknown,
  advice = '',
): WaterMillError {
  const found = reasonOf(cause);
  return new WaterMillError(
    'WM_FILE_UNREADABLE',
    `${name} in ${directory}, file ${n} of ${message}, cannot be read: ${found}. The files before it were read. ${diskRemedy(cause, advice)}`.trimEnd(),
    { message, stream: directory, position, file: name, expected: 'a readable file', found },
    { cause },
  );
}

export function damagedJournal(path: string, expected: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_PROGRESS_DAMAGED',
    `${path} is not the journal of a directory's files: expected ${expected}, found ${found}. ` +
      'Restore it, or delete it together with the progress to start over.',
    { stream: path, expected, found },
  );
}
