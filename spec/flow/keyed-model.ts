import { alias, Field, Message, type MessageClass, message, type ProcessFunction } from 'watermill';
import { flow } from 'watermill/flow';
import type { Random } from '../support/random.js';
import { allWindows, randomKind, units, type Value, windowOf } from './window-model.js';

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

/** A step after `keyBy`, and the equivalent plain code over the whole input; both result in values again. */
interface KeyedModelStep {
  readonly text: string;
  readonly add: (flow: any, name: string) => any;
  readonly plain: (values: readonly Value[], late: Value[]) => readonly Value[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => (total * 31 + each) % 100_003, 0);

function windowStep(random: Random): KeyedModelStep {
  const unit = units[random.pick(['number', 'bigint', 'Date'] as const)];
  const kind = randomKind(random);
  const wait = random.pick([0, 0, 3, 10]);
  const d = unit.distance as (distance: number) => any;
  const isTumbling = kind.type === 'aligned' && kind.every === kind.size && random.chance(0.5);
  const window = windowOf(kind, d, isTumbling);
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
      allWindows(kind, wait, values, late).map(({ k, start, end, members }) => {
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
