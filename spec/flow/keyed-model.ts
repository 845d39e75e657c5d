import { alias, Field, Message, type MessageClass, message, type ProcessFunction } from 'watermill';
import { flow, hopping, session, sliding, tumbling } from 'watermill/flow';
import type { Random } from '../support/random.js';

@Message()
export class Ev {
  @Field() k!: string;
  @Field() t!: number;
  @Field() n!: number;
}

@Message()
export class Acc {
  @Field() n!: number;
  @Field(() => [Number]) all!: number[];
}

@Message()
export class Text {
  @Field() text!: string;
}

@Message()
export class LateEv {
  @Field() k!: string;
  @Field() t!: number;
  @Field() n!: number;
}

/** The streams in between, one for each step that may have one. */
export const vias: readonly MessageClass<Ev>[] = [alias(Ev, 'FirstVia'), alias(Ev, 'SecondVia')];

/** A value on its way: of a key, at a time. */
export interface Value {
  readonly k: string;
  readonly t: number;
  readonly n: number;
}

/** A step after `keyBy`, and the equivalent plain code over the whole input; both result in values again. */
interface KeyedModelStep {
  readonly text: string;
  readonly add: (flow: any, name: string) => any;
  readonly plain: (values: readonly Value[], late: Value[]) => readonly Value[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => (total * 31 + each) % 100_003, 0);

/** Times as numbers, bigints or Dates. */
const units = {
  number: { to: (t: number) => t, of: (t: any) => t, distance: (d: number) => d },
  bigint: { to: (t: number) => BigInt(t), of: (t: any) => Number(t), distance: (d: number) => BigInt(d) },
  Date: { to: (t: number) => new Date(t), of: (t: any) => t.getTime(), distance: (d: number) => d },
} as const;

interface Window {
  readonly k: string;
  start: number;
  end: number;
  readonly members: { readonly value: Value; readonly arrived: number }[];
  touched: number;
}

type Kind =
  | { readonly type: 'aligned'; readonly size: number; readonly every: number }
  | { readonly type: 'session'; readonly gap: number }
  | { readonly type: 'sliding'; readonly size: number };

/**
 * A straightforward implementation of windows: the watermark after each value, late values, released values, closing
 * windows.
 */
function plainWindows(kind: Kind, wait: number, values: readonly Value[], late: Value[]): Window[] {
  let watermark = Number.NEGATIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let waiting: { value: Value; arrived: number }[] = [];
  let open: Window[] = [];
  let touch = 0;
  const released: { value: Value; arrived: number }[] = [];
  const results: Window[] = [];
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
  const isLate = ({ k, t }: Value): boolean => {
    if (t >= watermark) return false;
    if (kind.type === 'sliding') return true;
    if (kind.type === 'session') {
      return t + kind.gap < watermark && !open.some((window) => window.k === k && holds(window, t));
    }
    const starts = startsOf(t);
    return starts.length > 0 && starts.every((start) => start + kind.size <= watermark);
  };
  const closingOf = (window: Window): number => (kind.type === 'session' ? window.end + kind.gap : window.end);
  const release = (each: { value: Value; arrived: number }, before: number): void => {
    const { k, t } = each.value;
    released.push(each);
    if (kind.type === 'sliding') {
      const members = released.filter(({ value }) => value.k === k && value.t >= t - kind.size && value.t <= t);
      results.push({ k, start: t - kind.size, end: t, members, touched: 0 });
      return;
    }
    const mine = open.filter((window) => window.k === k && holds(window, t));
    for (const window of mine) {
      window.members.push(each);
      window.touched = ++touch;
      if (kind.type === 'session') {
        window.start = Math.min(window.start, t);
        window.end = Math.max(window.end, t);
      }
    }
    if (kind.type === 'session') {
      if (mine.length === 0) open.push({ k, start: t, end: t, members: [each], touched: ++touch });
      return;
    }
    for (const start of startsOf(t)) {
      if (start + kind.size <= before || mine.some((window) => window.start === start)) continue;
      open.push({ k, start, end: start + kind.size, members: [each], touched: ++touch });
    }
  };
  const advance = (to: number): void => {
    const before = watermark;
    watermark = Math.max(watermark, to);
    const ready = waiting.filter(({ value }) => value.t <= watermark);
    waiting = waiting.filter(({ value }) => value.t > watermark);
    ready.sort((a, b) => a.value.t - b.value.t || a.arrived - b.arrived);
    for (const each of ready) release(each, before);
    const isClosed = (window: Window): boolean =>
      kind.type === 'session' ? closingOf(window) < watermark : closingOf(window) <= watermark;
    const closed = open.filter(isClosed);
    open = open.filter((window) => !isClosed(window));
    results.push(...closed.sort((a, b) => closingOf(a) - closingOf(b) || a.touched - b.touched));
  };
  values.forEach((value, arrived) => {
    if (isLate(value)) {
      late.push(value);
      return;
    }
    waiting.push({ value, arrived });
    high = Math.max(high, value.t);
    advance(high - wait);
  });
  advance(Number.POSITIVE_INFINITY);
  return results;
}

function windowStep(random: Random): KeyedModelStep {
  const unit = units[random.pick(['number', 'bigint', 'Date'] as const)];
  const size = 1 + random.int(8);
  const kind = random.pick<Kind>([
    { type: 'aligned', size, every: size },
    { type: 'aligned', size, every: 1 + random.int(10) },
    { type: 'session', gap: random.int(5) },
    { type: 'sliding', size: random.int(6) },
  ]);
  const wait = random.pick([0, 0, 3, 10]);
  const d = unit.distance as (distance: number) => any;
  const window =
    kind.type === 'session'
      ? session({ gap: d(kind.gap) })
      : kind.type === 'sliding'
        ? sliding({ size: d(kind.size) })
        : kind.every === kind.size && random.chance(0.5)
          ? tumbling({ size: d(kind.size) })
          : hopping({ size: d(kind.size), every: d(kind.every) });
  const way = random.pick(['collect', 'fold', 'reduce'] as const);
  const common = { window, at: ({ t }: Value) => unit.to(t), late: LateEv, ...(wait > 0 && { wait: d(wait) }) };
  const add = (acc: Acc, { n }: Value) => ({ n: acc.n + 1, all: [...acc.all, n] });
  const back = ({ key, start, end, value }: any): Value => {
    const numbers: number[] = way === 'collect' ? value.map(({ n }: Value) => n) : value.all;
    return { k: key, t: unit.of(end), n: sum([unit.of(start), ...numbers]) };
  };
  return {
    text: `${way} ${JSON.stringify(kind)}, wait ${wait}`,
    add: (keyed, name) => {
      if (way === 'collect') return keyed.collectWindow(name, common).map(back);
      if (way === 'fold')
        return keyed.foldWindow(name, Acc, { ...common, initial: () => ({ n: 0, all: [] }), add }).map(back);
      return keyed.reduceWindow(name, Acc, { ...common, first: ({ n }: Value) => ({ n: 1, all: [n] }), add }).map(back);
    },
    plain: (values, late) =>
      plainWindows(kind, wait, values, late).map(({ k, start, end, members }) => {
        // Collected values are in the order of their times; accumulators got them in the order in which the watermark
        // passed them.
        const sorted = way === 'collect' ? [...members].sort((a, b) => a.value.t - b.value.t) : members;
        return { k, t: end, n: sum([start, ...sorted.map(({ value }) => value.n)]) };
      }),
  };
}

function byKey<S>(): (k: string, make: () => S) => { state: S } {
  const states = new Map<string, { state: S }>();
  return (k, make) => {
    const found = states.get(k) ?? { state: make() };
    states.set(k, found);
    return found;
  };
}

function otherStep(random: Random): KeyedModelStep {
  const size = 1 + random.int(4);
  const emits = random.chance(0.5);
  return random.pick<KeyedModelStep>([
    {
      text: `statefulMap ${size}`,
      add: (keyed, name) =>
        keyed.statefulMap(name, Acc, {
          initial: () => ({ n: 0, all: [] }),
          next: (acc: Acc, { k, t, n }: Value) => {
            const all = [...acc.all, n];
            const isFull = all.length === size;
            return [isFull ? undefined : { n: acc.n, all }, n % 5 === 0 ? undefined : { k, t, n: sum(all) }];
          },
        }),
      plain: (values) => {
        const states = byKey<number[]>();
        return values.flatMap(({ k, t, n }) => {
          const found = states(k, () => []);
          const all = [...found.state, n];
          found.state = all.length === size ? [] : all;
          return n % 5 === 0 ? [] : [{ k, t, n: sum(all) }];
        });
      },
    },
    {
      text: `reduce, at the end ${emits ? 'emit' : 'keep'}`,
      add: (keyed, name) =>
        keyed
          .reduce(name, Ev, {
            ...(random.chance(0.5) && { first: ({ k, t, n }: Value) => ({ k, t, n }) }),
            first: ({ k, t, n }: Value) => message(Ev, { k, t, n }),
            add: (state: Ev, { t, n }: Value) => {
              const next = { ...state, t, n: sum([state.n, n]) };
              return n % 3 === 0 ? next : Object.assign(n % 3 === 1 ? state : new Ev(), next);
            },
            complete: ({ n }: Ev) => n % (size + 1) === 0,
            atEnd: emits ? 'emit' : 'keep',
          })
          .map(({ k, t, n }: Ev) => ({ k, t, n })),
      plain: (values) => {
        const open = new Map<string, Value>();
        const given = values.flatMap((value) => {
          const before = open.get(value.k);
          const now = before === undefined ? value : { k: value.k, t: value.t, n: sum([before.n, value.n]) };
          if (now.n % (size + 1) !== 0) {
            open.set(value.k, now);
            return [];
          }
          open.delete(value.k);
          return [now];
        });
        const rest = [...open.values()].sort((a, b) => (a.k < b.k ? -1 : 1));
        return emits ? [...given, ...rest] : given;
      },
    },
    {
      text: `batch ${size}`,
      add: (keyed, name) =>
        keyed
          .batch(name, { size })
          .map((list: Value[]) => ({ k: list[0]!.k, t: list[0]!.t, n: sum(list.map(({ n }) => n)) })),
      plain: (values) => {
        const lists = new Map<string, Value[]>();
        const given: Value[][] = [];
        for (const value of values) {
          const list = [...(lists.get(value.k) ?? []), value];
          lists.delete(value.k);
          if (list.length === size) given.push(list);
          else lists.set(value.k, list);
        }
        const all = [...given, ...lists.values()];
        return all.map((list) => ({ k: list[0]!.k, t: list[0]!.t, n: sum(list.map(({ n }) => n)) }));
      },
    },
    {
      text: `unkeyed batch ${size}`,
      add: (keyed, name) =>
        keyed
          .statefulMap(name, Acc, {
            initial: () => ({ n: 0, all: [] }),
            next: (acc: Acc, value: Value) => [acc, value],
          })
          .batch({ size })
          .map((list: Value[]) => ({ k: list[0]!.k, t: list[0]!.t, n: sum(list.map(({ n }) => n)) })),
      plain: (values) => {
        const lists: Value[] = [];
        for (let i = 0; i < values.length; i += size) {
          const list = values.slice(i, i + size);
          lists.push({ k: list[0]!.k, t: list[0]!.t, n: sum(list.map(({ n }) => n)) });
        }
        return lists;
      },
    },
  ]);
}

/** A random flow of steps with state per key, and the plain code with the same results. */
export function randomKeyedFlow(random: Random) {
  const steps = Array.from({ length: 1 + random.int(2) }, () =>
    random.chance(0.7) ? windowStep(random) : otherStep(random),
  );
  const isAsync = random.chance(0.2);
  const isThrough = steps.map(() => random.chance(0.4));
  return {
    text: steps.map(({ text }, i) => `${isThrough[i] ? 'through ' : ''}${text}`).join(' → '),
    make: (): ProcessFunction<any> => {
      let made: any = flow(Ev)
        .map(({ k, t, n }) => ({ k, t, n }))
        .filter(({ n }) => n !== 13);
      if (isAsync) made = made.map(async (value: Value) => value);
      steps.forEach((step, i) => {
        const key = ({ k }: Value) => k;
        const via = vias[i]!;
        const keyed = isThrough[i]
          ? made.map((value: Value) => message(via, value)).through(via, key)
          : made.keyBy(key);
        made = step.add(keyed, `step ${i}`);
      });
      return made.map((value: Value) => message(Text, { text: JSON.stringify(value) })).to(Text);
    },
    plain: (input: readonly Value[]) => {
      const late: Value[] = [];
      let values: readonly Value[] = input.filter(({ n }) => n !== 13);
      for (const step of steps) values = step.plain(values, late);
      return { texts: values.map((value) => JSON.stringify(value)), late };
    },
  };
}
