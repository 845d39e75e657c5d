import { WaterMillError } from '../../base/watermill-error.js';

/** The error for a result or progress file that the system does not let us write. */
export function outputFailed(path: string, cause: unknown): WaterMillError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const mend =
    code === 'ENOSPC'
      ? 'Make room on the disk.'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'Change the permissions of its directory.'
        : 'Check the path and the disk.';
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `${path} cannot be written: ${message}. ${mend}`,
    { stream: path, expected: 'a file that can be written', found: code ?? message },
    { cause },
  );
}

/** Gives what lies below as an error that names the file. */
export async function writing<T>(path: string, outcome: Promise<T>): Promise<T> {
  try {
    return await outcome;
  } catch (error) {
    throw error instanceof WaterMillError ? error : outputFailed(path, error);
  }
}

/** The error for a result file that does not go with the progress that was kept. */
export function outputChanged(path: string, expected: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_CHANGED',
    `${path} does not go with the progress that was kept: expected ${expected}, found ${found}. ` +
      'Put it back, or delete the progress file beside the first result (its name ends in .progress.json) to begin anew.',
    { stream: path, expected, found },
  );
}
