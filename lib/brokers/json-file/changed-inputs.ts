import { WaterMillError } from '../../base/watermill-error.js';
import type { InputFile } from './input-file.js';
import type { InputChange } from './input-memory.js';
import type { OnEnded } from './json-file-options.js';

/** The error for an input of a group that is no longer the file that was partly read. */
export function changedSinceCommit(file: InputFile, { expected, found }: InputChange): WaterMillError {
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} is not the file that the last run read: expected ${expected}, found ${found}. ` +
      'Restore the previous file, or delete the progress file next to the results to start over.',
    { message: file.message, stream: file.path, expected, found },
  );
}

/** Like `changedSinceCommit`, if another broker keeps the progress. */
export function changedSinceMark(file: InputFile, { expected, found }: InputChange): WaterMillError {
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} is not the file that the last run read for ${file.message}: expected ${expected}, found ${found}. ` +
      'Restore the previous file, or start over: delete the progress that the broker of the master keeps, or give it another group.',
    { message: file.message, stream: file.path, expected, found },
  );
}

/** The error for an input of a group that has ended, if it has changed since. */
export function changedSinceEnd(file: InputFile, change: InputChange, onEnded: OnEnded | undefined): WaterMillError {
  const { expected, found } = change;
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `The group has already ended, but ${file.path}, the input of ${file.message}, is not what it was then: expected ${expected}, found ${found}. ` +
      `The existing results are those of the previous input. ${remedyFor(change, onEnded)}`,
    { message: file.message, stream: file.path, expected, found },
  );
}

function remedyFor({ kind }: InputChange, onEnded: OnEnded | undefined): string {
  if (onEnded === 'continue') {
    return "onEnded: 'continue' needs files that have only grown: restore the previous file, or start over with onEnded: 'restart'.";
  }
  const other = kind === 'grown' ? "process what was appended with onEnded: 'continue'" : 'restore the previous file';
  return `Start over with onEnded: 'restart' in the options of the broker, or ${other}.`;
}
