import { type AlignedBorders, alignedBorders } from '../../mill/lane/windows/aligned-borders.js';
import type { FlowWindowDescription } from './flow-window.js';

/** An open window of a key. */
export interface OpenWindow {
  readonly row: number;
  readonly key: any;
  readonly id: unknown;
  /** Its borders, as numbers or bigints; for a session its first and last time. */
  start: any;
  end: any;
  /** The order of its most recent value. */
  order: number;
  /** The accumulator, or the values in the order of their times. */
  state: any;
  values: { readonly time: any; readonly order: number; readonly row: number; readonly value: unknown }[];
}

/** The assignment of values to the windows of one kind. */
export interface WindowKind {
  /** Returns the borders of the windows of a value that are not closed; none in a gap. */
  bordersOf(time: any, closedTo: any): readonly (readonly [start: any, end: any])[];
  /** Returns whether all windows for a value of this time are closed. */
  isLate(time: any, closedTo: any): boolean;
  /** Returns whether a value belongs to an open window, and so changes its borders. */
  widens(window: OpenWindow, time: any): boolean;
  /** Returns the key that determines the order in which windows close. */
  closingOf(window: OpenWindow): any;
  /** Returns whether a window closes at this watermark. */
  isClosed(closing: any, watermark: any): boolean;
}

const lowest = Number.NEGATIVE_INFINITY;

/** Windows [start, end) with the same borders for all keys. They close when the watermark reaches their end. */
export function alignedKind({ size, every }: FlowWindowDescription & { type: 'aligned' }): WindowKind {
  const offset = typeof size === 'bigint' ? 0n : 0;
  const borders: AlignedBorders = alignedBorders({ size, every, offset });
  return {
    bordersOf: (time, closedTo) => {
      const found: [any, any][] = [];
      const last = borders.lastFrom(time);
      for (let number = borders.firstOver(time); number <= last; number = borders.nextOf(number)) {
        const end = borders.endOf(number);
        if (end > closedTo) found.push([borders.startOf(number), end]);
      }
      return found;
    },
    // In a gap between windows a value belongs to none, and is not late.
    isLate: (time, closedTo) =>
      borders.firstOver(time) <= borders.lastFrom(time) && borders.endOf(borders.lastFrom(time)) <= closedTo,
    widens: (window, time) => window.start <= time && time < window.end,
    closingOf: ({ end }) => end,
    isClosed: (closing, watermark) => closing <= watermark,
  };
}

/** Sessions of values that are at most the gap apart. They close when the watermark has passed the gap. */
export function sessionKind(gap: any): WindowKind {
  return {
    bordersOf: (time, closedTo) => (time + gap < closedTo ? [] : [[time, time]]),
    isLate: (time, closedTo) => closedTo !== lowest && time + gap < closedTo,
    widens: (window, time) => {
      if (time < window.start - gap || time > window.end + gap) return false;
      if (time < window.start) window.start = time;
      if (time > window.end) window.end = time;
      return true;
    },
    closingOf: ({ end }) => end + gap,
    isClosed: (closing, watermark) => closing < watermark,
  };
}
