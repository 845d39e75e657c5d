import { memberOrNothing } from './shown-value.js';

/** Whether something failed because an `AbortSignal` ended it. */
export function isAbort(error: unknown): boolean {
  return memberOrNothing(error, 'name') === 'AbortError' || memberOrNothing(error, 'code') === 'ABORT_ERR';
}
