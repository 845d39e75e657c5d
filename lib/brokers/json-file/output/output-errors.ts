import { isAbort } from '../../../base/is-abort.js';
import { isWaterMillError, WaterMillError } from '../../../base/watermill-error.js';
import { diskRemedy } from '../../../files/disk-remedy.js';

/** The error for a result or progress file that the system does not let us write. */
export function outputFailed(path: string, cause: unknown): WaterMillError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `${path} cannot be written: ${message}. ${remedyFor(cause)}`,
    { stream: path, expected: 'a file that can be written', found: code ?? message },
    { cause },
  );
}

function remedyFor(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Change the permissions of it and of its directory, or write elsewhere.';
    case 'EPIPE':
    case 'ERR_STREAM_DESTROYED':
      return 'The reader has gone; what it had not read is lost.';
    case 'EAGAIN':
      return 'What it had not read is lost. Keep the reader running, or stop it before the mill.';
    default:
      return diskRemedy(cause, 'Check the path and the disk.');
  }
}

/** The error for something with the name of an output, or of a file next to it, that cannot be written or replaced. */
export function outputRefused(path: string, found: string, remedy: string): WaterMillError {
  return new WaterMillError('WM_OUTPUT_FAILED', `${path} cannot be an output: it is ${found}. ${remedy}`, {
    stream: path,
    expected: 'a file that can be written',
    found,
  });
}

/** The error for results that were removed before they got their final name. */
export function partialGone(path: string, partial: string): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `${path} cannot be written: ${partial}, which held its results, was removed, renamed or replaced while the mill was running. ` +
      'Run again when nothing else touches the files next to an output.',
    { stream: path, expected: `the partial results in ${partial}`, found: 'no file, or another one' },
  );
}

/** Wraps errors of lower layers in one that names the file. */
export async function writing<T>(path: string, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw isWaterMillError(error) || isAbort(error) ? error : outputFailed(path, error);
  }
}

/** The error for a result file that does not match the stored progress. */
export function outputChanged(path: string, expected: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_CHANGED',
    `${path} does not match the stored progress: expected ${expected}, found ${found}. ` +
      'Restore it, or delete the progress file next to the first result (its name ends in .progress.json) to start over.',
    { stream: path, expected, found },
  );
}

/**
 * The error for an output, or a file next to it, that another mill is writing. `use`: what would be written to the file
 * next to the output.
 */
export function outputInUse(path: string, use: string | undefined, owner: string, lock: string): WaterMillError {
  const place = use === undefined ? path : `${path}, where ${use} would be written,`;
  return new WaterMillError(
    'WM_OUTPUT_IN_USE',
    `${place} is being written by another mill, in ${owner}: an output has one writer at a time. ` +
      `Wait until that one has ended, or name another output. If that is no longer a mill, delete ${lock}.`,
    { stream: path, expected: 'no other writer', found: owner, lock },
  );
}

/** The error for a group that another mill is running. */
export function groupInUse(path: string, group: string, owner: string, lock: string): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The group '${group}' is in use by ${owner}: two mills of one group would overwrite each other's results and progress. ` +
      `Wait until that one has ended, or give this one another group and other outputs. If that is no longer a mill, delete ${lock}.`,
    { group, stream: path, expected: 'no other mill with this group', found: owner, lock },
  );
}
