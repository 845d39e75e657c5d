import type { DataKey } from '../plan/data-key.js';
import type { Origin } from '../plan/origin.js';
import type { CallRows } from './call-rows.js';

/** The further arguments of a call, if the process asks for them. */
export interface CallGiven {
  readonly dataKey: DataKey | undefined;
  readonly origin: Origin | undefined;
}

/** Consecutive calls, for elements with their groups or for windows: the first `done` of `count` were made. */
export type CallSeries = (SeriesOfElements | SeriesOfWindows) & { readonly count: number; done: number };

interface SeriesOfElements {
  /** The first call is for the element at index `start`. */
  readonly elements: readonly object[];
  readonly start: number;
  /** By edge that has groups, then by call. */
  readonly groups: readonly (readonly (readonly object[])[])[];
}

interface SeriesOfWindows {
  readonly windows: readonly Omit<CallRows, 'rows'>[];
}

/** The rows of one call of a series. */
export function rowsOf(series: CallSeries, call: number): CallRows {
  if ('windows' in series) return { ...series.windows[call]!, rows: [] };
  const element = series.elements[series.start + call]!;
  const groups = series.groups.map((ofCalls) => ofCalls[call]!);
  return { elements: [element], rows: [{ element, groups }], start: undefined, end: undefined };
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
