import { Field, Message, message } from 'watermill';
import { flow } from 'watermill/flow';
import type { Random } from '../support/random.js';

@Message()
export class Num {
  @Field() n!: number;
}

@Message()
export class Out {
  @Field() n!: number;
}

@Message()
export class Side {
  @Field() n!: number;
}

export const out = (n: number): Out => message(Out, { n });

/** The numbers after a step of a flow, and those written to a side output. */
interface Behind {
  readonly values: readonly number[];
  readonly side: readonly number[];
}

/** A step of a flow, and the equivalent plain code over arrays. */
interface ModelStep {
  readonly text: string;
  readonly add: (flow: any) => any;
  readonly plain: (values: readonly number[]) => readonly number[];
  readonly side?: (values: readonly number[]) => readonly number[];
}

const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);

function chunks(values: readonly number[], size: number): number[][] {
  const lists: number[][] = [];
  for (let i = 0; i < values.length; i += size) lists.push(values.slice(i, i + size));
  return lists;
}

/** Responds at once, or after some turns of the event loop. */
function maybeLater<T>(random: Random, isAsync: boolean, value: T): T | Promise<T> {
  if (!isAsync) return value;
  const turns = random.int(3);
  return (async () => {
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    return value;
  })();
}

function randomStep(random: Random, mayTee: boolean): ModelStep {
  const k = 1 + random.int(4);
  const isAsync = random.chance(0.25);
  const later = <T>(value: T): T | Promise<T> => maybeLater(random, isAsync, value);
  const several = (n: number): number[] => Array.from({ length: n % 3 }, (_, i) => n + i);
  const makers: (() => ModelStep)[] = [
    () => ({
      text: `map + ${k}`,
      add: (flow) => flow.map((n: number) => later(n + k)),
      plain: (values) => values.map((n) => n + k),
    }),
    () => ({
      text: `filter % ${k + 1}`,
      add: (flow) => flow.filter((n: number) => later(n % (k + 1) !== 0)),
      plain: (values) => values.filter((n) => n % (k + 1) !== 0),
    }),
    () => ({
      text: `filterMap % ${k + 1}`,
      add: (flow) => flow.filterMap((n: number) => later(n % (k + 1) === 0 ? undefined : n % 7 === 0 ? null : n * 2)),
      plain: (values) => values.filter((n) => n % (k + 1) !== 0 && n % 7 !== 0).map((n) => n * 2),
    }),
    () => ({
      text: 'flatMap',
      add: (flow) => flow.flatMap((n: number) => later(n % 11 === 0 ? undefined : several(n))),
      plain: (values) => values.flatMap((n) => (n % 11 === 0 ? [] : several(n))),
    }),
    () => ({
      text: 'flatMap async generator',
      add: (flow) =>
        flow.flatMap(async function* (n: number) {
          for (const each of several(n)) yield await later(each);
        }),
      plain: (values) => values.flatMap(several),
    }),
    () => ({
      text: `batch ${k}, sum`,
      add: (flow) => flow.batch({ size: k }).map(sum),
      plain: (values) => chunks(values, k).map(sum),
    }),
    () => ({
      text: `batch ${k}, flat`,
      add: (flow) => flow.batch({ size: k }).flatMap((list: number[]) => [...list].reverse()),
      plain: (values) => chunks(values, k).flatMap((list) => [...list].reverse()),
    }),
    () => ({
      text: `parallel ${k}`,
      add: (flow) => flow.parallel(k, (n: number) => later(n * 3 + 1)),
      plain: (values) => values.map((n) => n * 3 + 1),
    }),
    () => ({ text: 'inspect', add: (flow) => flow.inspect(() => later(1)), plain: (values) => values }),
  ];
  if (mayTee && random.chance(0.2)) {
    return {
      text: `tee % ${k}`,
      add: (flow) =>
        flow.tee(Side, (n: number) =>
          later(n % k === 0 ? [message(Side, { n }), message(Side, { n: 0 - n })] : undefined),
        ),
      plain: (values) => values,
      side: (values) => values.filter((n) => n % k === 0).flatMap((n) => [n, 0 - n]),
    };
  }
  return random.pick(makers)();
}

/** A random flow, and the plain code with the same results. */
export function randomFlow(random: Random): {
  readonly text: string;
  /** `last`: the last step, which makes a result. */
  readonly make: (last?: (n: number) => Out) => object;
  readonly plain: (values: readonly number[]) => Behind;
} {
  const steps: ModelStep[] = [];
  for (let count = random.int(6); count >= 0; count--) {
    steps.push(randomStep(random, !steps.some(({ side }) => side !== undefined)));
  }
  return {
    text: steps.map(({ text }) => text).join(' → '),
    make: (last = out) => {
      const begin: any = flow(Num).map(({ n }) => n);
      return steps
        .reduce((each, step) => step.add(each), begin)
        .map(last)
        .to(Out);
    },
    plain: (input) => {
      let values = input;
      let side: readonly number[] = [];
      for (const step of steps) {
        if (step.side !== undefined) side = step.side(values);
        values = step.plain(values);
      }
      return { values, side };
    },
  };
}
