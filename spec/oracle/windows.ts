import { calendarNumber } from './calendar.js';
import type { Element, TestWindow } from './tree.js';

/** A surviving master element, by its index among all master elements. */
export interface Alive {
  readonly element: Element;
  readonly index: number;
}

/** A window, and the time of its call: before the master element `closes`, or as the call of that element. */
export interface WindowCall<A extends Alive> {
  readonly members: A[];
  readonly closes: number;
  readonly isOwn: boolean;
  /** Of windows that close together, the one with the lower number is called first. */
  readonly due: number;
}

/**
 * Returns all windows over whole arrays, in the order of their calls: by the moment at which they close, then by
 * closing key, then by their last element, then by their first. With `by`, each value has separate windows; the whole
 * stream closes them.
 */
export function windowsOf<A extends Alive>(
  window: TestWindow | undefined,
  masters: Element[],
  alive: A[],
): WindowCall<A>[] {
  if (window === undefined)
    return alive.map((one) => ({ members: [one], closes: one.index, isOwn: true, due: one.index }));
  const splitOf = ({ element }: Alive): string => (window.by === undefined ? '' : JSON.stringify(element[window.by]));
  const values = [...new Set(alive.map(splitOf))];
  const calls = values.flatMap((value) => {
    const own = alive.filter((one) => splitOf(one) === value);
    return windowsOfOne(window, masters, own).filter(({ members }) => members.length > 0);
  });
  const place = ({ closes, isOwn, due, members }: WindowCall<A>): number[] => [
    closes,
    isOwn ? 1 : 0,
    due,
    (members.at(-1) as A).index,
    (members[0] as A).index,
  ];
  return calls.sort((a, b) => compare(place(a), place(b)));
}

function windowsOfOne<A extends Alive>(window: TestWindow, masters: Element[], alive: A[]): WindowCall<A>[] {
  const never = masters.length;
  if (window.type === 'count' || window.type === 'batch') {
    const every = window.type === 'count' ? window.every : window.size;
    return alive
      .filter((_, i) => i % every === 0)
      .map((_, i) => {
        const members = alive.slice(i * every, i * every + window.size);
        const isOwn = members.length === window.size;
        return { members, closes: isOwn ? (members.at(-1) as A).index : never, isOwn, due: 0 };
      });
  }
  const key = (one: Alive): any => one.element[window.key];
  const firstWhere = (after: Alive, test: (key: any) => boolean): number => {
    const at = masters.findIndex((master, index) => index > after.index && test(master[window.key]));
    return at < 0 ? never : at;
  };
  if (window.type === 'sliding') {
    return alive.map((one) => {
      const members = alive.filter((other) => other.index <= one.index && key(other) >= key(one) - window.size);
      return { members, closes: one.index, isOwn: true, due: 0 };
    });
  }
  if (window.type === 'hopping') {
    const starts = new Set<number>();
    for (const one of alive) {
      const near = Math.floor(key(one) / window.every);
      for (let n = near - 100; n < near + 100; n++) {
        const start = n * window.every + window.offset;
        if (start <= key(one) && key(one) < start + window.size) starts.add(start);
      }
    }
    return [...starts].map((start) => {
      const end = start + window.size;
      const members = alive.filter((one) => start <= key(one) && key(one) < end);
      return { members, closes: firstWhere(members.at(-1) as A, (k) => k >= end), isOwn: false, due: end };
    });
  }
  if (window.type === 'calendar') {
    const number = (one: Alive): number => calendarNumber(window, key(one));
    return runsOf(alive, (before, one) => number(before) === number(one)).map((members) => {
      const due = number(members[0] as A);
      const closes = firstWhere(members.at(-1) as A, (k) => calendarNumber(window, k) > due);
      return { members, closes, isOwn: false, due };
    });
  }
  if (window.type === 'session') {
    return runsOf(alive, (before, one) => key(one) <= key(before) + window.gap).map((members) => {
      const end = key(members.at(-1) as A) + window.gap;
      return { members, closes: firstWhere(members.at(-1) as A, (k) => k > end), isOwn: false, due: end };
    });
  }
  // Runs of the whole stream, split by value.
  const all = masters.map((element, index) => ({ element, index }));
  return runsOf(all, (before, one) => same(key(before), key(one))).map((run) => {
    const [first, last] = [run[0] as Alive, run.at(-1) as Alive];
    const members = alive.filter(({ index }) => index >= first.index && index <= last.index);
    return { members, closes: last.index + 1, isOwn: false, due: 0 };
  });
}

/** Splits a list between neighbours that do not belong together. */
function runsOf<T>(list: readonly T[], together: (before: T, one: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const one of list) {
    const last = runs.at(-1);
    if (last !== undefined && together(last.at(-1) as T, one)) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

function same(a: any, b: any): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function compare(a: number[], b: number[]): number {
  const i = a.findIndex((part, at) => part !== b[at]);
  return i < 0 ? 0 : (a[i] as number) - (b[i] as number);
}
