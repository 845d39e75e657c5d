import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';
import type { CallRow, CallRows } from './call-rows.js';

/** What a call is given in addition to its rows, if the process asks for it. */
export interface CallGiven {
  readonly dataKey: DataKey | undefined;
  readonly origin: Origin | undefined;
}

/**
 * Calls that follow each other: the first `done` of `count` are made. Each is of one master element, or of a window
 * without groups.
 */
export interface CallSeries {
  readonly rows: readonly (CallRow | Omit<CallRows, 'rows'>)[];
  readonly count: number;
  done: number;
}

/** The element that one call of a series is about. */
export function rowsOf(row: CallSeries['rows'][number]): CallRows {
  if ('elements' in row) return { ...row, rows: [] };
  return { elements: [row.element], rows: [row], start: undefined, end: undefined };
}

/** Makes of a result what is kept of it, as it is when its call is done. */
export type TakeResult = (element: object) => unknown;

/**
 * Makes the calls of a series that are left, as long as they return nothing, or one result of the only class, which it takes
 * and puts on the list. It ends with a call that returned something else, and returns that; or undefined. A call counts as done from its
 * beginning.
 */
export type CallEach = (
  series: CallSeries,
  results: unknown[],
  take: TakeResult,
  control: { readonly isStopped: boolean },
) => unknown;

/** Calls the process function; `given` is needed only where a parameter asks for something in it. */
export type MakeCall = (answer: CallRows, given?: CallGiven) => unknown;
