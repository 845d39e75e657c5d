import { hopping, session, sliding, tumbling } from 'watermill/flow';
import type { Random } from '../support/random.js';

/** A value on its way: of a key, at a time. */
export interface Value {
  readonly k: string;
  readonly t: number;
  readonly n: number;
}

interface Member {
  readonly value: Value;
  readonly arrived: number;
}

export interface Window {
  readonly k: string;
  start: number;
  end: number;
  readonly members: Member[];
  touched: number;
}

export type WindowKind =
  | { readonly type: 'aligned'; readonly size: number; readonly every: number }
  | { readonly type: 'session'; readonly gap: number }
  | { readonly type: 'sliding'; readonly size: number };

/** Times as numbers, bigints or Dates. */
export const units = {
  number: { to: (t: number) => t, of: (t: any) => t, distance: (d: number) => d },
  bigint: { to: (t: number) => BigInt(t), of: (t: any) => Number(t), distance: (d: number) => BigInt(d) },
  Date: { to: (t: number) => new Date(t), of: (t: any) => t.getTime(), distance: (d: number) => d },
} as const;

export function randomKind(random: Random): WindowKind {
  const size = 1 + random.int(8);
  return random.pick<WindowKind>([
    { type: 'aligned', size, every: size },
    { type: 'aligned', size, every: 1 + random.int(10) },
    { type: 'session', gap: random.int(5) },
    { type: 'sliding', size: random.int(6) },
  ]);
}

/** The same for a flow; `d` converts distances to the unit of its times. */
export function windowOf(kind: WindowKind, d: (distance: number) => any, isTumbling: boolean) {
  if (kind.type === 'session') return session({ gap: d(kind.gap) });
  if (kind.type === 'sliding') return sliding({ size: d(kind.size) });
  return isTumbling && kind.every === kind.size
    ? tumbling({ size: d(kind.size) })
    : hopping({ size: d(kind.size), every: d(kind.every) });
}

/** The state of windows as plain data. */
export interface WindowsState {
  watermark: number;
  high: number;
  arrived: number;
  waiting: Member[];
  open: Window[];
  touch: number;
  released: Member[];
}

export const noWindows = (): WindowsState => ({
  watermark: Number.NEGATIVE_INFINITY,
  high: Number.NEGATIVE_INFINITY,
  arrived: 0,
  waiting: [],
  open: [],
  touch: 0,
  released: [],
});

/**
 * A straightforward implementation of windows: the watermark after each value, late values, released values, closing
 * windows.
 */
export function plainWindows(kind: WindowKind, wait: number) {
  const holds = (window: Window, t: number): boolean =>
    kind.type === 'session'
      ? t >= window.start - kind.gap && t <= window.end + kind.gap
      : window.start <= t && t < window.end;
  const startsOf = (t: number): number[] => {
    if (kind.type !== 'aligned') return [];
    const starts: number[] = [];
    for (let i = Math.floor((t - kind.size) / kind.every) - 1; i * kind.every <= t; i++) {
      if (i * kind.every + kind.size > t) starts.push(i * kind.every);
    }
    return starts;
  };
  const isLate = ({ watermark, open }: WindowsState, { k, t }: Value): boolean => {
    if (t >= watermark) return false;
    if (kind.type === 'sliding') return true;
    if (kind.type === 'session') {
      return t + kind.gap < watermark && !open.some((window) => window.k === k && holds(window, t));
    }
    const starts = startsOf(t);
    return starts.length > 0 && starts.every((start) => start + kind.size <= watermark);
  };
  const closingOf = (window: Window): number => (kind.type === 'session' ? window.end + kind.gap : window.end);
  const release = (state: WindowsState, each: Member, before: number): Window[] => {
    const { k, t } = each.value;
    const { released, open } = state;
    if (kind.type === 'sliding') {
      released.push(each);
      const members = released.filter(({ value }) => value.k === k && value.t >= t - kind.size && value.t <= t);
      return [{ k, start: t - kind.size, end: t, members, touched: 0 }];
    }
    const mine = open.filter((window) => window.k === k && holds(window, t));
    for (const window of mine) {
      window.members.push(each);
      window.touched = ++state.touch;
      if (kind.type === 'session') {
        window.start = Math.min(window.start, t);
        window.end = Math.max(window.end, t);
      }
    }
    if (kind.type === 'session') {
      if (mine.length === 0) open.push({ k, start: t, end: t, members: [each], touched: ++state.touch });
      return [];
    }
    for (const start of startsOf(t)) {
      if (start + kind.size <= before || mine.some((window) => window.start === start)) continue;
      open.push({ k, start, end: start + kind.size, members: [each], touched: ++state.touch });
    }
    return [];
  };
  const advance = (state: WindowsState, to: number): Window[] => {
    const before = state.watermark;
    const watermark = Math.max(before, to);
    state.watermark = watermark;
    const ready = state.waiting.filter(({ value }) => value.t <= watermark);
    state.waiting = state.waiting.filter(({ value }) => value.t > watermark);
    ready.sort((a, b) => a.value.t - b.value.t || a.arrived - b.arrived);
    const given = ready.flatMap((each) => release(state, each, before));
    const isClosed = (window: Window): boolean =>
      kind.type === 'session' ? closingOf(window) < watermark : closingOf(window) <= watermark;
    const closed = state.open.filter(isClosed);
    state.open = state.open.filter((window) => !isClosed(window));
    return [...given, ...closed.sort((a, b) => closingOf(a) - closingOf(b) || a.touched - b.touched)];
  };
  return {
    /** Returns the windows that a value completes; undefined if it is late. */
    take(state: WindowsState, value: Value): Window[] | undefined {
      if (isLate(state, value)) return undefined;
      state.waiting.push({ value, arrived: state.arrived++ });
      state.high = Math.max(state.high, value.t);
      return advance(state, state.high - wait);
    },
    end: (state: WindowsState): Window[] => advance(state, Number.POSITIVE_INFINITY),
  };
}

/** Returns the windows of a whole input. */
export function allWindows(kind: WindowKind, wait: number, values: readonly Value[], late: Value[]): Window[] {
  const { take, end } = plainWindows(kind, wait);
  const state = noWindows();
  const given = values.flatMap((value) => {
    const windows = take(state, value);
    if (windows === undefined) late.push(value);
    return windows ?? [];
  });
  return [...given, ...end(state)];
}
