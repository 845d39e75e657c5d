import { WaterMillError } from '../../base/watermill-error.js';
import type { InputFile } from './input-file.js';
import type { InputChange } from './input-memory.js';
import type { OnEnded } from './json-file-options.js';

/** The error for an input of a group that is no longer the file of which a part was read. */
export function changedSinceCommit(file: InputFile, { expected, found }: InputChange): WaterMillError {
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `${file.path} is not the file that the last run read: expected ${expected}, found ${found}. ` +
      'Put the former file back, or delete the progress file beside the results to begin anew.',
    { message: file.message, stream: file.path, expected, found },
  );
}

/** The error for an input of a group that has ended, which is not what it was then. */
export function changedSinceEnd(file: InputFile, change: InputChange, onEnded: OnEnded | undefined): WaterMillError {
  const { expected, found } = change;
  return new WaterMillError(
    'WM_FILE_CHANGED',
    `The group has already ended, but ${file.path}, the input of ${file.message}, is not what it was then: expected ${expected}, found ${found}. ` +
      `The results that are there are those of the former input. ${remedyFor(change, onEnded)}`,
    { message: file.message, stream: file.path, expected, found },
  );
}

function remedyFor({ kind }: InputChange, onEnded: OnEnded | undefined): string {
  if (onEnded === 'continue') {
    return "onEnded: 'continue' needs files that have only grown: put the former file back, or begin anew with onEnded: 'restart'.";
  }
  const other = kind === 'grown' ? "process what was appended with onEnded: 'continue'" : 'put the former file back';
  return `Begin anew with onEnded: 'restart' in the options of the broker, or ${other}.`;
}
