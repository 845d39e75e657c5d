import { WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';
import { countCharacters } from '../parsing/bad-element.js';
import { lineFeed } from '../parsing/lines.js';
import type { FileMark } from '../parsing/text-batch.js';
import type { TextFault } from '../parsing/text-fault.js';
import type { InputFile } from './input-file.js';
import { NoFile, openSource, PackedGrowth } from './source/open-source.js';

/** The error for a file that the system does not let us read, or whose compression is damaged. */
export function systemError(file: InputFile, position: number, cause: unknown): WaterMillError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const details = {
    ...placeOf(file, position),
    expected: 'a readable JSON file',
    found: cause instanceof NoFile || cause instanceof PackedGrowth ? message : (code ?? message),
  };
  if (code === 'ENOENT') {
    const advice = `Check the path (the working directory is ${process.cwd()}).`;
    const sentence = `The file of ${file.message} does not exist: ${file.path}. ${advice}`;
    return new WaterMillError('WM_FILE_MISSING', sentence, details, { cause });
  }
  return new WaterMillError('WM_FILE_UNREADABLE', systemSentence(file, position, cause), details, { cause });
}

/** Names the file in an error of the system, wherever elements are not read. */
export async function reading<T>(file: InputFile, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw systemError(file, 0, error);
  }
}

function systemSentence({ path, message: name }: InputFile, position: number, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (cause instanceof NoFile) {
    const advice = cause.isDirectory ? 'Name the file in it.' : 'Name a file or a pipe.';
    return `The file of ${name} is ${message}: ${path}. ${advice}`;
  }
  if (cause instanceof PackedGrowth) {
    return `The file of ${name} cannot be followed while it grows, since it is compressed: ${path}. Follow the file before it is compressed, or leave out follow.`;
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return `The file of ${name} may not be read by this process: ${path} (${code}). Change its permissions.`;
  }
  if (code?.startsWith('Z_')) {
    return `The file of ${name} is damaged: ${path} cannot be decompressed after element ${position} (gzip: ${message}). The elements before it were read. Compress or copy it again.`;
  }
  return `The file of ${name} cannot be read: ${path}, element ${position}: ${message}. ${diskRemedy(cause, '')}`.trimEnd();
}

/** The error for invalid text, with line and column if the file can be read again. */
export async function textError(file: InputFile, fault: TextFault, onlyOnce: boolean): Promise<WaterMillError> {
  const { byte, index, expected, found, remedy } = fault;
  const located = onlyOnce ? undefined : await locate(file.path, byte).catch(() => undefined);
  const details = { ...placeOf(file, index), byte, ...located, expected, found };
  const line = located === undefined ? '' : `line ${located.line}, column ${located.column} `;
  const place = line === '' ? `byte ${byte}, element ${index}` : `${line}(byte ${byte}, element ${index})`;
  const sentence = `${file.path}, ${place}: expected ${expected}, found ${found}. ${remedy}`;
  return new WaterMillError('WM_FILE_BROKEN', sentence, details);
}

/** The error for a mark that does not fit the file. */
export function changedError(file: InputFile, mark: FileMark): WaterMillError {
  const place = mark.byte === undefined ? `element ${mark.index}` : `byte ${mark.byte} (element ${mark.index})`;
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} is not the file that the last run read: no element of ${file.message} begins at ${place}, where that run stopped. ` +
      'Restore the previous file, or delete the progress file next to the results to start over.',
    { ...placeOf(file, mark.index), expected: `an element at ${place}`, found: 'another file' },
  );
}

/** The error for a file that changed while it was read. */
export function changedWhileRead(file: InputFile, position: number, change: string): WaterMillError {
  const remedy =
    file.follows === undefined
      ? 'Run again when the file is complete and nothing writes to it.'
      : 'A file that is followed may only grow: write to a new file instead, and read their directory with DirectoryMessageBroker.';
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} was changed while ${file.message} was read from it: ${change}. ` +
      `What was read, up to element ${position}, may be incomplete, or a mixture of old and new. ${remedy}`,
    { ...placeOf(file, position), expected: 'a file that does not change while it is read', found: change },
  );
}

/** The error for a pipe that would have to be read again, or from the middle. */
export function readTwice(file: InputFile): WaterMillError {
  return onceError(file, 'two nodes of this mill need separate readers', 'Give each a file.');
}

/** The error for a pipe in a group, which keeps progress. */
export function groupOverPipe(file: InputFile, group: string): WaterMillError {
  return onceError(
    file,
    `the group '${group}' would resume in the middle of it`,
    'Leave the group out, or write the pipe to a file and read that.',
  );
}

/** The error for a file that `why` cannot read concurrently with a run; `found`: what the file is. */
export function notAside(file: InputFile, found: string): WaterMillError {
  return new WaterMillError(
    'WM_WHY',
    `why() cannot read ${file.message} from ${file.path}: it is ${found}. Record it with record() of watermill/testing, and ask a mill that reads the recording.`,
    { ...placeOf(file, 0), expected: 'a file that is complete', found },
  );
}

function onceError(file: InputFile, reason: string, advice: string): WaterMillError {
  return new WaterMillError(
    'WM_FILE_ONCE',
    `${file.path}, the input of ${file.message}, is a pipe, which can be read only once, from its beginning, but ${reason}. ${advice}`,
    { ...placeOf(file, 0), expected: 'a file', found: 'a pipe' },
  );
}

function placeOf(
  { message, path }: InputFile,
  position: number,
): { message: string; stream: string; position: number } {
  return { message, stream: path, position };
}

/**
 * The line and the column of an offset, in characters, from 1. Reads the file again: only a failing run pays for it.
 */
async function locate(path: string, byte: number): Promise<{ line: number; column: number }> {
  const { source } = await openSource(path, 0);
  try {
    let line = 1;
    let column = 1;
    let offset = 0;
    while (offset < byte) {
      const piece = await source.next();
      if (piece === undefined) break;
      const part = piece.subarray(0, byte - offset);
      let begin = 0;
      for (let found = part.indexOf(lineFeed); found >= 0; found = part.indexOf(lineFeed, begin)) {
        line++;
        column = 1;
        begin = found + 1;
      }
      column += countCharacters(part, begin, part.length);
      offset += part.length;
    }
    return { line, column };
  } finally {
    await source.close();
  }
}
