import type { ErrorCode } from '../base/codes.js';
import { memberOrNothing, safely } from '../base/shown-value.js';
import { isError, thrownText } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { asMisuse } from '../mill/process/no-result.js';

/**
 * What a thrown value becomes on its way from a worker thread: a copy by the system would lose the name of an error's
 * class, its `code`, and the `errors` of an `AggregateError`, and fail at a function in any of them.
 */
export interface SentError {
  readonly message: string;
  readonly name?: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: SentError;
  readonly errors?: readonly SentError[];
}

/** How deep causes and parts are sent. */
const deepest = 4;
const mostParts = 10;

/** Never throws, whatever was thrown. */
export function sentError(thrown: unknown, depth = deepest): SentError {
  if (!isError(thrown)) return { message: thrownText(thrown) };
  const [message, name, stack, code] = ['message', 'name', 'stack', 'code'].map((each) =>
    memberOrNothing(thrown, each),
  );
  const cause = depth === 0 ? undefined : memberOrNothing(thrown, 'cause');
  const parts = depth === 0 ? undefined : safely(() => partsOf(memberOrNothing(thrown, 'errors'), depth));
  return {
    message: typeof message === 'string' ? message : thrownText(thrown),
    ...(typeof name === 'string' && { name }),
    ...(typeof stack === 'string' && { stack }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(cause !== undefined && { cause: sentError(cause, depth - 1) }),
    ...(parts !== undefined && { errors: parts }),
  };
}

function partsOf(errors: unknown, depth: number): readonly SentError[] | undefined {
  if (!Array.isArray(errors)) return undefined;
  return errors.slice(0, mostParts).map((each) => sentError(each, depth - 1));
}

export function receivedError({ message, name, stack, code, cause, errors }: SentError): Error {
  const error = new Error(message, cause && { cause: receivedError(cause) });
  const hidden = { name, stack, errors: errors?.map(receivedError) };
  for (const [member, value] of Object.entries(hidden)) {
    if (value !== undefined) Object.defineProperty(error, member, { value, writable: true, configurable: true });
  }
  return code === undefined ? error : Object.assign(error, { code });
}

/** The error for a mistake in the program that the thread found. `process`: its name. */
export function receivedMisuse({ message, code }: SentError, process: string): WaterMillError {
  return asMisuse(new WaterMillError(code as ErrorCode, message, { process }));
}
