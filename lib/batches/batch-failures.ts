import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { StreamDirectory } from './stream-directory.js';

/** An error of the user's code: of the named source, or of a call if none is named. The batch may be retried. */
export class Failed {
  constructor(
    readonly thrown: unknown,
    readonly source: string | undefined,
  ) {}
}

/** The error of a run that gives up a batch after this many attempts. */
export function failure(error: unknown, stream: StreamDirectory, attempt: number): unknown {
  if (!(error instanceof Failed)) return error;
  const { thrown, source } = error;
  const tries = attempt === 1 ? '' : ` in ${attempt} tries`;
  const found = reasonOf(thrown);
  if (source === undefined) {
    return new WaterMillError(
      'WM_PROCESS_FAILED',
      `Batch ${stream.open?.id} failed${tries}: ${found}. The next run repeats it with the same bounds.`,
      { stream: stream.directory, position: stream.open?.id ?? 0, found },
      { cause: thrown },
    );
  }
  return new WaterMillError(
    'WM_INPUT_FAILED',
    `The source '${source}' failed${tries}: ${found}. The next run continues after the last commit.`,
    { stream: stream.directory, message: source, found },
    { cause: thrown },
  );
}

export function cannotRepeat(stream: StreamDirectory, name: string): WaterMillError {
  return new WaterMillError(
    'WM_PLAN_CHANGED',
    `Batch ${stream.open?.id} in ${stream.directory} must be repeated and holds data of the source '${name}', which was not given. ` +
      "Give that source again, or give up the batch: onRestart: 'decide anew'.",
    { stream: stream.directory, expected: `the source '${name}'`, found: 'none' },
  );
}
