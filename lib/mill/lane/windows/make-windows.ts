import type { WindowDescription } from '../../../joins/windows/window.js';
import { kindOf, type WindowDescriptions } from '../../../joins/windows/window-kinds.js';
import type { LaneVector } from '../../resume/lane-vector.js';
import { type Place, placeFromJson } from '../../resume/place.js';
import { adding, aligning, type KeyArithmetic, withinDates } from '../keys/key-arithmetic.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { LaneFold, LaneSpec } from '../lane-spec.js';
import { tumblingBorders } from './aligned-borders.js';
import { batch } from './batch.js';
import { CountsByValue } from './by-value/counts-by-value.js';
import { HoppingByValue } from './by-value/hopping-by-value.js';
import { SessionsByValue } from './by-value/sessions-by-value.js';
import { SlidingByValue } from './by-value/sliding-by-value.js';
import { StretchesByValue } from './by-value/stretches-by-value.js';
import { TumblingByValue } from './by-value/tumbling-by-value.js';
import { bordersOfCalendar, calendar } from './calendar.js';
import type { WindowSlot } from './called-window.js';
import { ClosedWindows } from './closed-windows.js';
import { count } from './count.js';
import { expression } from './expression.js';
import { hopping } from './hopping.js';
import { session } from './session.js';
import { sliding } from './sliding.js';
import { ValueMarks } from './value-marks.js';
import type { Windows, WindowsGiven } from './windows.js';

/** The machine of one kind of window in a lane. */
interface WindowMachine<D> {
  /** The arithmetic on its key. */
  arithmetic(window: D): readonly KeyArithmetic[];
  /** Makes the windows over all elements. With `keepsRows`, a call needs the groups of its elements. */
  make(window: D, keepsRows: boolean, slot: WindowSlot, before: CalledBefore): Windows;
  /** Makes the windows of each value, or the folded windows. */
  byValue(window: D, given: WindowsGiven): Windows;
}

/** The windows that were called before a restart. */
interface CalledBefore {
  /** The last of them. */
  readonly done: Place | undefined;
  /** Those that the end of the lane had closed, if it continues after that. */
  readonly closed: ClosedWindows | undefined;
}

/** The machine of each window, by its type. */
const machines: { readonly [T in keyof WindowDescriptions]: WindowMachine<WindowDescriptions[T]> } = {
  expression: {
    arithmetic: () => [],
    make: (_, keepsRows, slot, { done }) => expression(keepsRows, slot, done),
    byValue: (_, given) => new StretchesByValue(given),
  },
  hopping: {
    arithmetic: aligning,
    make: (window, keepsRows, slot, { closed }) => hopping(window, keepsRows, slot, closed),
    byValue: (window, given) =>
      window.size > window.every
        ? new HoppingByValue(given, window)
        : new TumblingByValue(given, tumblingBorders(window)),
  },
  sliding: {
    arithmetic: ({ size }) => adding(`the window's size ${size}`, -size, true),
    make: ({ size }, keepsRows, slot) => sliding(size, keepsRows, slot),
    byValue: ({ size }, given) => new SlidingByValue(given, size),
  },
  calendar: {
    arithmetic: () => withinDates,
    make: (window, keepsRows, slot, { done }) => calendar(window, keepsRows, slot, done),
    byValue: (window, given) => new TumblingByValue(given, bordersOfCalendar(window)),
  },
  session: {
    arithmetic: ({ gap }) => adding(`the window's gap ${gap}`, gap),
    make: ({ gap }, keepsRows, slot, { done }) => session(gap, keepsRows, slot, done),
    byValue: ({ gap }, given) => new SessionsByValue(given, gap),
  },
  count: {
    arithmetic: () => [],
    make: ({ size, every }, keepsRows, slot, { closed }) => count(size, every, keepsRows, slot, closed),
    byValue: ({ size, every }, given) => new CountsByValue(given, size, every),
  },
  batch: {
    arithmetic: () => [],
    make: ({ size }, keepsRows, slot, { done }) => batch(size, keepsRows, slot, done),
    byValue: ({ size }, given) => new CountsByValue(given, size, size),
  },
};

function machineOf<D extends WindowDescription>(window: D): WindowMachine<D> {
  return machines[window.type] as WindowMachine<any>;
}

/** Returns the arithmetic on a window's key. */
export function arithmeticOfWindow(window: WindowDescription): readonly KeyArithmetic[] {
  return machineOf(window).arithmetic(window);
}

/**
 * Returns whether windows need the machines for values: each value has its own windows, or a call gets an accumulator.
 */
export function isByValue({ window, fold }: Pick<LaneSpec, 'window' | 'fold'>): boolean {
  return window !== undefined && (window.by !== undefined || fold !== undefined);
}

/** Returns whether the state of the windows is in marks. */
export function hasMarks(spec: Pick<LaneSpec, 'window' | 'fold'>): boolean {
  return spec.window !== undefined && isByValue(spec) && kindOf(spec.window).hasMarks(spec.window);
}

/** Makes the windows of a lane, if it has any. With `keepsRows`, a call needs the groups of its elements. */
export function makeWindows(
  spec: Pick<LaneSpec, 'window' | 'fold'>,
  by: KeyTrack | undefined,
  keepsRows: boolean,
  slot: WindowSlot,
  vector: LaneVector | undefined,
): Windows | undefined {
  const { window, fold } = spec;
  if (window === undefined) return undefined;
  const machine = machineOf(window);
  if (!isByValue(spec)) {
    const { closed, window: last } = vector?.done ?? {};
    return machine.make(window, keepsRows, slot, {
      done: last && placeFromJson(last),
      closed: closed && new ClosedWindows(closed),
    });
  }
  const marks = hasMarks(spec) ? new ValueMarks(vector?.done.values) : undefined;
  return machine.byValue(window, { keepsRows, slot, marks, fold: fold && showing(fold, by) });
}

/** Passes the user's form of the value to a new accumulator. */
function showing(fold: LaneFold, by: KeyTrack | undefined): LaneFold {
  return {
    ...fold,
    initial: (value, position) => fold.initial(by === undefined ? undefined : by.show(value), position),
  };
}
