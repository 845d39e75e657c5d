import { WaterMillError } from '../../base/watermill-error.js';
import type { FileMark } from './batch-parser.js';
import type { InputFile } from './input-file.js';
import { openSource } from './open-source.js';
import type { TextFault } from './text-fault.js';

/** The error for a file that the system does not let us read, or whose packing is damaged. */
export function systemError(file: InputFile, position: number, cause: unknown): WaterMillError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const { path } = file;
  const details = {
    message: file.message,
    stream: path,
    position,
    expected: 'a readable JSON file',
    found: code ?? message,
  };
  if (code === 'ENOENT') {
    const mend = `Check the path (the working directory is ${process.cwd()}).`;
    return new WaterMillError(
      'WM_FILE_MISSING',
      `The file of ${file.message} does not exist: ${path}. ${mend}`,
      details,
      { cause },
    );
  }
  return new WaterMillError('WM_FILE_UNREADABLE', `${systemSentence(file, position, code, message)}`, details, {
    cause,
  });
}

function systemSentence(file: InputFile, position: number, code: string | undefined, message: string): string {
  const { path, message: name } = file;
  if (code === 'EISDIR') return `The file of ${name} is a directory: ${path}. Name the file in it.`;
  if (code === 'EACCES' || code === 'EPERM') {
    return `The file of ${name} may not be read by this process: ${path} (${code}). Change its permissions.`;
  }
  if (code?.startsWith('Z_')) {
    return `The file of ${name} is damaged: ${path} cannot be unpacked behind element ${position} (gzip: ${message}). Pack or copy it again.`;
  }
  return `The file of ${name} cannot be read: ${path}, element ${position}: ${message}.`;
}

/** The error for text that is not what it should be, with line and column. */
export async function textError(file: InputFile, fault: TextFault): Promise<WaterMillError> {
  const { line, column } = await locate(file.path, fault.byte);
  const { byte, index, expected, found } = fault;
  const place = `${file.path}, line ${line}, column ${column} (byte ${byte}, element ${index})`;
  const details = { message: file.message, stream: file.path, position: index, byte, line, column, expected, found };
  if (fault.kind === 'too large') {
    const mend = 'If the file is right, raise maxElementBytes of the broker.';
    return new WaterMillError(
      'WM_ELEMENT_TOO_LARGE',
      `${place}: expected ${expected}, found ${found}. ${mend}`,
      details,
    );
  }
  const sentence = `${place}: expected ${expected}, found ${found}. Correct the file there; the elements before it were read.`;
  return new WaterMillError('WM_FILE_BROKEN', sentence, details);
}

/** The error for a mark that does not fit the file. */
export function changedError(file: InputFile, mark: FileMark): WaterMillError {
  const place = mark.byte === undefined ? `element ${mark.index}` : `byte ${mark.byte} (element ${mark.index})`;
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} is not the file that the last run read: no element of ${file.message} begins at ${place}, where that run stopped. ` +
      'Put the former file back, or delete the progress file beside the results to begin anew.',
    {
      message: file.message,
      stream: file.path,
      position: mark.index,
      expected: `an element at ${place}`,
      found: 'another file',
    },
  );
}

/** Line and column of an offset, from one, in characters. The file is read again for it: only a failing run pays. */
async function locate(path: string, byte: number): Promise<{ line: number; column: number }> {
  const source = await openSource(path, 0);
  try {
    let line = 1;
    let column = 1;
    let offset = 0;
    while (offset < byte) {
      const piece = await source.next();
      if (piece === undefined) break;
      const length = Math.min(piece.length, byte - offset);
      for (let at = 0; at < length; at++) {
        if (piece[at] === 0x0a) {
          line++;
          column = 1;
        } else if ((piece[at]! & 0xc0) !== 0x80) column++;
      }
      offset += length;
    }
    return { line, column };
  } finally {
    await source.close();
  }
}
