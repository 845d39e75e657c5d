import { memberOrNothing } from './shown-value.js';

/** Returns whether an error was caused by an `AbortSignal`. */
export function isAbort(error: unknown): boolean {
  return memberOrNothing(error, 'name') === 'AbortError' || memberOrNothing(error, 'code') === 'ABORT_ERR';
}
