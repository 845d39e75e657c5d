import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';
import type { CallRow, CallRows } from './call-rows.js';

/** The further arguments of a call, if the process asks for them. */
export interface CallGiven {
  readonly dataKey: DataKey | undefined;
  readonly origin: Origin | undefined;
}

/**
 * Consecutive calls: the first `done` of `count` were made. Each is for one master element, or for a window without
 * groups.
 */
export interface CallSeries {
  readonly rows: readonly (CallRow | Omit<CallRows, 'rows'>)[];
  readonly count: number;
  done: number;
}

/** The rows of one call of a series. */
export function rowsOf(row: CallSeries['rows'][number]): CallRows {
  if ('elements' in row) return { ...row, rows: [] };
  return { elements: [row.element], rows: [row], start: undefined, end: undefined };
}

/** Converts a result to the form in which it is kept, as of when its call is done. */
export type TakeResult = (element: object) => unknown;

/**
 * Makes the remaining calls of a series as long as they return nothing, or one element of the only output class, which
 * it converts and adds to the list. Returns the return value of the first call that returned something else; otherwise
 * undefined. A call counts as done from its beginning.
 */
export type CallEach = (
  series: CallSeries,
  results: unknown[],
  take: TakeResult,
  control: { readonly isStopped: boolean },
) => unknown;

/** Calls the process function; `given` is only needed if a parameter asks for a part of it. */
export type MakeCall = (answer: CallRows, given?: CallGiven) => unknown;
