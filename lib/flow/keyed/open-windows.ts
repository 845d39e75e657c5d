import { type AlignedBorders, alignedBorders } from '../../mill/lane/windows/aligned-borders.js';
import type { FlowWindowDescription } from './flow-window.js';

/** An open window of a key. */
export interface OpenWindow {
  readonly row: number;
  readonly key: any;
  readonly id: unknown;
  /** Its borders, as numbers or bigints: of a session its first and its last time. */
  start: any;
  end: any;
  /** Of the value that it got last. */
  order: number;
  /** The accumulator, or the values in the order of their times. */
  state: any;
  values: { readonly time: any; readonly order: number; readonly row: number; readonly value: unknown }[];
}

/** How values get into the windows of one kind. */
export interface WindowKind {
  /** The windows that a value belongs to, as their borders: none in a gap. Those that are over by a time are left out. */
  bordersOf(time: any, closedTo: any): readonly (readonly [start: any, end: any])[];
  /** Whether no window that is still open, or could be opened, takes a value of this time. */
  isLate(time: any, closedTo: any): boolean;
  /** Whether a value belongs to an open window, which then has other borders. */
  widens(window: OpenWindow, time: any): boolean;
  /** By this key windows close in their order. */
  closingOf(window: OpenWindow): any;
  /** Whether a window closes when the watermark has come so far. */
  isClosed(closing: any, watermark: any): boolean;
}

const lowest = Number.NEGATIVE_INFINITY;

/** Windows [start, end), at borders that are the same for all keys; they close when the watermark reaches their end. */
export function alignedKind({ size, every }: FlowWindowDescription & { type: 'aligned' }): WindowKind {
  const offset = typeof size === 'bigint' ? 0n : 0;
  const borders: AlignedBorders = alignedBorders({ size, every, offset } as never);
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

/** From the first to the last of values that are at most the gap apart; they close when the watermark is past that. */
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
