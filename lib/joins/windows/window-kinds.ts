import type { Expression } from '../../expressions/expression.js';
import type { KeyDistance } from '../distance.js';
import { type KeyUnit, unitOf } from '../matching/matching.js';

/**
 * The parts of each type of window, as described by its maker. To add a window, add its line here and its row to
 * `kinds`: see docs/how-to-add-a-window.md.
 */
export interface WindowDescriptions {
  readonly expression: ExpressionDescription;
  readonly hopping: HoppingDescription;
  readonly sliding: SlidingDescription;
  readonly session: SessionDescription;
  readonly calendar: CalendarDescription;
  readonly count: CountDescription;
  readonly batch: BatchDescription;
}

/** The parts that every window may have. */
interface Split {
  /** The value that splits the windows. */
  readonly by?: Expression<any, any> | undefined;
}

export interface ExpressionDescription extends Split {
  readonly type: 'expression';
  readonly key: Expression<any, any>;
  readonly onTimeout: (() => unknown) | undefined;
}

export interface HoppingDescription extends Split {
  readonly type: 'hopping';
  readonly key: Expression<any, any>;
  readonly size: KeyDistance;
  readonly every: KeyDistance;
  readonly offset: KeyDistance;
}

export interface SlidingDescription extends Split {
  readonly type: 'sliding';
  readonly key: Expression<any, any>;
  readonly size: KeyDistance;
}

export interface SessionDescription extends Split {
  readonly type: 'session';
  readonly key: Expression<any, any>;
  readonly gap: KeyDistance;
}

export interface CalendarDescription extends Split {
  readonly type: 'calendar';
  readonly key: Expression<any, any>;
  readonly unit: CalendarUnit;
  readonly zone: string;
}

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

export interface CountDescription extends Split {
  readonly type: 'count';
  readonly size: number;
  readonly every: number;
}

export interface BatchDescription extends Split {
  readonly type: 'batch';
  readonly size: number;
  readonly timeoutMs: number;
}

/** The properties of a kind of window, except for the machine that runs it (`mill/lane/windows`). */
export interface WindowKind<D> {
  /** The key must not decrease, is only compared with the previous one, or does not exist. */
  readonly key: 'ordered' | 'adjacent' | 'none';
  /** Whether a call can ask for `WindowBounds`. */
  readonly hasBorders: boolean;
  /**
   * For windows that are split by a value or folded: whether a commit holds the start of each open window, since no
   * closing key tells which of them are done.
   */
  hasMarks(window: D): boolean;
  /** Elements leave the window while it is open: a fold is repeated for each call. */
  readonly foldsAgain: boolean;
  /** The type of keys that distances are added to, if any. */
  unit(window: D): KeyUnit | undefined;
  /** How the clock closes the window, if it does; the poll timeout is the broker's. */
  clock(window: D, pollTimeoutMs: number | undefined): WindowClock | undefined;
  /** Describes which elements are in a window, and when it is called. */
  text(window: D): string;
  /** Describes how many elements it holds in memory: a limit, or that there is none. */
  memory(window: D): string;
  /** Describes where a restart reads the master from. */
  restart(window: D): string;
}

/** How the clock closes an open window. */
export interface WindowClock {
  /** The time counts from the first element, or from when the master went silent. */
  readonly since: 'first' | 'quiet';
  readonly ms: number;
  /** Returns the key for the timeout. */
  readonly keyOf: (() => unknown) | undefined;
  /** Describes the effect of the clock. */
  readonly text: string;
}

const readsFromOldest = 'reads from the first element of the oldest open window';

/** All kinds of windows. */
const kinds: { readonly [T in keyof WindowDescriptions]: WindowKind<WindowDescriptions[T]> } = {
  expression: {
    key: 'adjacent',
    hasBorders: true,
    hasMarks: ({ onTimeout }) => onTimeout !== undefined,
    foldsAgain: false,
    unit: () => undefined,
    clock: ({ onTimeout }, pollTimeoutMs) => {
      if (onTimeout === undefined || pollTimeoutMs === undefined) return undefined;
      const text = `onTimeout of an open window is called after ${pollTimeoutMs} ms without elements`;
      return { since: 'quiet', ms: pollTimeoutMs, keyOf: onTimeout, text };
    },
    text: ({ key, onTimeout }) =>
      `adjacent elements with equal ${key}; closes when another key comes${onTimeout ? ', or onTimeout gives one' : ''}`,
    memory: ({ key }) =>
      `the elements of the open window; unbounded while ${key} stays the same, a window by time or count is bounded`,
    restart: () => readsFromOldest,
  },
  hopping: {
    key: 'ordered',
    hasBorders: true,
    hasMarks: () => false,
    foldsAgain: false,
    unit: ({ size }) => unitOf(size),
    clock: () => undefined,
    text: ({ key, size, every, offset }) => {
      const shift = Number(offset) === 0 ? '' : `, shifted by ${offset}`;
      const what =
        every === size ? `tumbling, ${size} of ${key}` : `hopping, ${size} of ${key}, a new one every ${every}`;
      return `${what}${shift}; closes when a key reaches its end`;
    },
    memory: ({ key, size }) => `the elements of the open windows, each once: ${size} of ${key}`,
    restart: () => readsFromOldest,
  },
  sliding: {
    key: 'ordered',
    hasBorders: true,
    hasMarks: () => false,
    foldsAgain: true,
    unit: ({ size }) => unitOf(size),
    clock: () => undefined,
    text: ({ key, size }) =>
      `for each element those with ${key} from its key - ${size} to its key, up to itself; called with that element`,
    memory: ({ key, size }) => `the elements of the last ${size} of ${key}, each once`,
    restart: ({ size }) => `reads from the oldest element of the last ${size}`,
  },
  session: {
    key: 'ordered',
    hasBorders: true,
    hasMarks: () => false,
    foldsAgain: false,
    unit: ({ gap }) => unitOf(gap),
    clock: () => undefined,
    text: ({ key, gap }) => `elements at most ${gap} apart by ${key}; closes when the next is further away`,
    memory: ({ gap }) =>
      `the elements of the open session; unbounded while they are at most ${gap} apart, a window by time or count is bounded`,
    restart: () => readsFromOldest,
  },
  calendar: {
    key: 'ordered',
    hasBorders: true,
    hasMarks: () => false,
    foldsAgain: false,
    unit: () => 'Date',
    clock: () => undefined,
    text: ({ key, unit, zone }) => `each ${unit} of ${key} in ${zone}; closes when a key reaches its end`,
    memory: ({ unit }) => `the elements of the open ${unit}`,
    restart: () => readsFromOldest,
  },
  count: {
    key: 'none',
    hasBorders: false,
    hasMarks: () => true,
    foldsAgain: false,
    unit: () => undefined,
    clock: () => undefined,
    text: ({ size, every }) => {
      const overlap = every === size ? '' : `, a new one every ${every}`;
      return `${size} elements each${overlap}; counts survivors, closes with the last of them`;
    },
    memory: ({ size, every }) => `at most ${size} elements${every < size ? ', each once' : ''}`,
    restart: ({ size, every, by }) =>
      every > size && by === undefined
        ? 'reads from the first element of the last window, also while none is open'
        : readsFromOldest,
  },
  batch: {
    key: 'none',
    hasBorders: false,
    hasMarks: () => true,
    foldsAgain: false,
    unit: () => undefined,
    clock: ({ timeoutMs }) => {
      return { since: 'first', ms: timeoutMs, keyOf: undefined, text: `a batch window closes after ${timeoutMs} ms` };
    },
    text: ({ size, timeoutMs }) => `up to ${size} elements, or what there is after ${timeoutMs} ms; counts survivors`,
    memory: ({ size }) => `at most ${size} elements`,
    restart: () => readsFromOldest,
  },
};

/** The definition of a window's kind. */
export function kindOf<D extends WindowDescriptions[keyof WindowDescriptions]>(window: D): WindowKind<D> {
  return kinds[window.type] as WindowKind<any>;
}
