import type { ErrorCode } from '../base/codes.js';
import { shownText } from '../base/shown-text.js';
import { thrownSentence } from '../base/thrown.js';
import type { ErrorDetails } from '../base/watermill-error.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';
import { CodecProblem, type FieldProblem, isFieldProblem } from './field-problem.js';

/** The place of a bad message. */
export interface MessagePlace {
  /** The name of the message class. */
  readonly message: string;
  readonly stream: string;
  readonly position: number | string;
  /** The line in a file of lines, counted from 1. */
  readonly line?: number | undefined;
  /** The file, for a stream of several files. */
  readonly file?: string | undefined;
  /** The offset of the first byte in a file. */
  readonly byte?: number | undefined;
}

/**
 * The error for a message that cannot be read. An external reason (a broker's, for a value that is not JSON) is passed
 * as text. A WaterMillError is not a problem of the message, but of the program, and is returned unchanged.
 */
export function badMessageError(
  problem: unknown,
  { message, stream, position, line, file, byte }: MessagePlace,
  code: ErrorCode = 'WM_BAD_MESSAGE',
): WaterMillError {
  if (isWaterMillError(problem)) return problem;
  const text = thrownSentence(problem);
  // An element that is not JSON reports its place in the line itself.
  const shownLine = line === undefined || text.startsWith(`line ${line},`) ? undefined : `line ${line}`;
  return new WaterMillError(
    code,
    `${message} at position ${position} of ${stream}${placeIn(shownLine, file)} cannot be read: ${text}`,
    {
      message,
      stream,
      position,
      ...(line === undefined ? {} : { line }),
      ...(file === undefined ? {} : { file }),
      ...(byte === undefined ? {} : { byte }),
      ...detailsOf(problem),
    },
    { cause: isFieldProblem(problem) ? problem.cause : problem },
  );
}

function placeIn(line: string | undefined, file: string | undefined): string {
  if (file === undefined) return line === undefined ? '' : `, ${line},`;
  const name = shownText(file, 200);
  return line === undefined ? `, in the file ${name},` : `, ${line} of the file ${name},`;
}

/** The error for an element that cannot be written so that it reads back equal. */
export function badResultError(problem: FieldProblem, message: string): WaterMillError {
  return new WaterMillError(
    'WM_BAD_RESULT',
    `An element of ${message} cannot be written: ${problem.message}`,
    { message, ...detailsOf(problem) },
    { cause: problem.cause },
  );
}

function detailsOf(problem: unknown): ErrorDetails {
  if (!isFieldProblem(problem)) return {};
  const { path: field, expected, found } = problem;
  return problem instanceof CodecProblem ? { field } : { field, expected, found };
}
