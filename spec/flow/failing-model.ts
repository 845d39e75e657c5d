import { BadMessage, Field, Message, type MessageClass, message, type ProcessFunction } from 'watermill';
import { flow } from 'watermill/flow';
import { type KeyKind, randomKeyKind } from '../support/key-kinds.js';
import type { Random } from '../support/random.js';
import { Acc, Ev, LateEv, Text, vias } from './keyed-model.js';
import {
  noWindows,
  plainWindows,
  randomKind,
  units,
  type Value,
  type Window,
  type WindowsState,
  windowOf,
} from './window-model.js';

/** A state with only numbers. */
@Message()
class Total {
  @Field() count!: number;
  @Field() total!: number;
}

/** A step as plain code: it passes values on, one after the other, and may keep state per key, or throw. */
type PlainStep = (value: Value, next: (value: Value) => void) => void;

/** A call of the flow. */
interface Call {
  /** The position of its element; -1 at the end of the stream. */
  readonly position: number;
  readonly late: Value[];
  /** What was written to the streams that the flow goes through. */
  readonly written: (readonly [via: MessageClass<Ev>, value: Value])[];
}

interface ModelStep {
  readonly text: string;
  /** A stage ends with it. */
  readonly through?: MessageClass<Ev>;
  readonly add: (flow: any, name: string) => any;
  /** Its state at the beginning, plain data. Default: a map. It is rolled back if a call fails. */
  readonly initial?: () => any;
  readonly plain: (state: any, call: Call) => PlainStep;
  /** Passes on what it holds at the end of the stream. */
  readonly end?: (state: any, call: Call, next: (value: Value) => void) => void;
}

/** Responds at once, or after some turns of the event loop. */
type Later = <T>(value: T) => T | Promise<T>;

/** A step that fails for certain values. */
interface Failing {
  readonly text: string;
  readonly check: (n: number) => void;
}

/** Steps fail while it is on. */
export interface Failures {
  isOn: boolean;
}

/** What the steps of a flow share. */
interface Parts {
  readonly random: Random;
  readonly later: Later;
  readonly failures: Failures;
}

function failing({ random, failures }: Parts): Failing {
  if (random.chance(0.4)) return { text: '', check: () => {} };
  const [of, at] = [4 + random.int(10), random.int(4)];
  return {
    text: ` fails at ${at} of ${of}`,
    check: (n) => {
      if (failures.isOn && n % of === at) throw new Error('fails');
    },
  };
}

/** Returns several values for one, so that values of one call are in progress at once. */
const several = ({ k, t, n }: Value): Value[] =>
  Array.from({ length: n % 6 }, (_, i) => ({ k: i % 2 === 0 ? k : 'a', t, n: n * 3 + i }));

function unkeyedStep(parts: Parts): ModelStep {
  const { random, later } = parts;
  const { text, check } = failing(parts);
  const calls = 1 + random.int(4);
  const mapped = ({ k, t, n }: Value): Value => {
    check(n);
    return { k, t, n: n * 2 + 1 };
  };
  const map: PlainStep = (value, next) => next(mapped(value));
  const isLate = random.chance(0.5);
  // It fails before it returns its promise, or by the promise.
  const given = (value: Value) => (isLate ? (async () => mapped(await later(value)))() : later(mapped(value)));
  return random.pick<ModelStep>([
    { text: `map${text}`, add: (made) => made.map(given), plain: () => map },
    { text: `parallel ${calls}${text}`, add: (made) => made.parallel(calls, given), plain: () => map },
    {
      text: 'flatMap',
      add: (made) => made.flatMap((value: Value) => later(several(value))),
      plain: () => (value, next) => several(value).forEach(next),
    },
    {
      text: `flatMap generator${text}`,
      add: (made) =>
        made.flatMap(async function* (value: Value) {
          for (const each of several(value)) {
            check(each.n);
            yield await later(each);
          }
        }),
      plain: () => (value, next) => {
        for (const each of several(value)) {
          check(each.n);
          next(each);
        }
      },
    },
  ]);
}

const added = (total: number, n: number): number => (total * 31 + n) % 1_009;
const numberOf = (all: readonly number[]): number => all.reduce(added, 7);

/** Returns the values of a flow with their keys; in the stream that it went through, they have them already. */
type KeyBy = (made: any) => any;

function keyedStep(parts: Parts, keyBy: KeyBy, kind: KeyKind): ModelStep {
  const { random, later } = parts;
  const { text, check } = failing(parts);
  const atEnd = random.pick(['keep', 'emit', 'drop'] as const);
  const size = 2 + random.int(3);
  const isComplete = (all: readonly number[]): boolean => all.length >= size;
  const madeOf = (k: string, t: number, all: readonly number[]): Value => ({ k, t, n: numberOf(all) });
  return random.pick<ModelStep>([
    {
      text: `reduce ${size} ${atEnd}${text}`,
      add: (made, name) =>
        keyBy(made)
          .reduce(name, Acc, {
            first: ({ t, n }: Value) => later({ n: t, all: [n] }),
            add: async (acc: Acc, { t, n }: Value) => {
              check(n);
              return later({ n: t, all: [...acc.all, n] });
            },
            complete: ({ all }: Acc) => later(isComplete(all)),
            atEnd,
          })
          .map(({ n: t, all }: Acc) => madeOf('b', t, all)),
      plain:
        (states: Map<string, { t: number; all: number[] }>) =>
        ({ k, t, n }, next) => {
          const before = states.get(k);
          if (before !== undefined) check(n);
          const all = [...(before?.all ?? []), n];
          if (!isComplete(all)) {
            states.set(k, { t, all });
            return;
          }
          states.delete(k);
          next(madeOf('b', t, all));
        },
      end: (states: Map<string, { t: number; all: number[] }>, _, next) => {
        if (atEnd === 'keep') return;
        const open = [...states].sort(([a], [b]) => (a < b ? -1 : 1));
        states.clear();
        if (atEnd === 'emit') for (const [, { t, all }] of open) next(madeOf('b', t, all));
      },
    },
    {
      text: `reduce numbers ${size}${text}`,
      add: (made, name) =>
        keyBy(made)
          .reduce(name, Total, {
            first: ({ n }: Value) => message(Total, { count: 1, total: added(7, n) }),
            add: (state: Total, { n }: Value) => {
              const total = added(state.total, n);
              state.total = total;
              check(n);
              // Either the state that it was given, or another.
              if (n % 2 === 0) return later(message(Total, { count: state.count + 1, total }));
              state.count++;
              return state;
            },
            complete: ({ count }: Total) => count >= size,
          })
          .map(({ total }: Total) => ({ k: 'b', t: 0, n: total })),
      plain:
        (states: Map<string, number[]>) =>
        ({ k, n }, next) => {
          const before = states.get(k);
          if (before !== undefined) check(n);
          const all = [...(before ?? []), n];
          if (!isComplete(all)) {
            states.set(k, all);
            return;
          }
          states.delete(k);
          next({ k: 'b', t: 0, n: numberOf(all) });
        },
    },
    {
      text: `statefulMap numbers${text}`,
      add: (made, name) =>
        keyBy(made).statefulMap(name, Total, {
          initial: (key: any) => message(Total, { count: kind.of(key).length - 1, total: 7 }),
          next: (state: Total, { k, t, n }: Value, key: any) => {
            if (kind.of(key) !== k) throw new Error(`the key of ${k} is ${String(key)}`);
            state.total = added(state.total, n);
            check(n);
            return [state, { k, t, n: state.total }];
          },
        }),
      plain:
        (states: Map<string, number[]>) =>
        ({ k, t, n }, next) => {
          const all = [...(states.get(k) ?? []), n];
          check(n);
          states.set(k, all);
          next({ k, t, n: numberOf(all) });
        },
    },
    {
      text: `statefulMap ${size}${text}`,
      add: (made, name) =>
        keyBy(made).statefulMap(name, Acc, {
          initial: () => ({ n: 0, all: [] }),
          next: async (acc: Acc, { k, t, n }: Value) => {
            if (acc.n !== 0) throw new Error('not taken back');
            const all = [...acc.all, n];
            // In-place changes are also rolled back.
            acc.n = -1;
            check(n);
            await later(undefined);
            return [isComplete(all) ? undefined : { n: 0, all }, madeOf(k, t, all)];
          },
        }),
      plain:
        (states: Map<string, number[]>) =>
        ({ k, t, n }, next) => {
          const all = [...(states.get(k) ?? []), n];
          check(n);
          if (isComplete(all)) states.delete(k);
          else states.set(k, all);
          next(madeOf(k, t, all));
        },
    },
  ]);
}

/** Windows of each key. The step after them fails in certain calls, so that they are passed on in a later one. */
function windowStep(parts: Parts, keyBy: KeyBy, keys: KeyKind): ModelStep {
  const { random, later } = parts;
  const { text, check } = failing(parts);
  const unit = units[random.pick(['number', 'bigint', 'Date'] as const)];
  const d = unit.distance as (distance: number) => any;
  const kind = randomKind(random);
  const wait = random.pick([0, 0, 3, 10]);
  const way = random.pick(['collect', 'fold', 'reduce'] as const);
  const { take, end } = plainWindows(kind, wait);
  const window = windowOf(kind, d, random.chance(0.5));
  const common = { window, at: ({ t }: Value) => unit.to(t), late: LateEv, ...(wait > 0 && { wait: d(wait) }) };
  const initial = () => ({ n: 0, all: [] });
  // In-place changes are rolled back as well.
  const add = (acc: Acc, { n }: Value) => Object.assign(acc, { n: acc.n + 1, all: [...acc.all, n] });
  const madeOf = (k: string, start: number, end: number, all: readonly number[]): Value => ({
    k,
    t: end,
    n: numberOf([Math.abs(start), ...all]),
  });
  const passOn = (windows: readonly Window[], { position }: Call, next: (value: Value) => void): void => {
    for (const { k, start, end, members } of windows) {
      const sorted = way === 'collect' ? [...members].sort((a, b) => a.value.t - b.value.t) : members;
      const value = madeOf(
        k,
        start,
        end,
        sorted.map((each) => each.value.n),
      );
      check(value.n + position);
      next(value);
    }
  };
  return {
    text: `${way} ${JSON.stringify(kind)}, wait ${wait}${text}`,
    add: (made, name) => {
      const keyed = keyBy(made);
      const windows =
        way === 'collect'
          ? keyed.collectWindow(name, common)
          : way === 'fold'
            ? keyed.foldWindow(name, Acc, { ...common, initial, add })
            : keyed.reduceWindow(name, Acc, { ...common, first: ({ n }: Value) => ({ n: 1, all: [n] }), add });
      const numbersOf = (value: any): number[] => (way === 'collect' ? value.map(({ n }: Value) => n) : value.all);
      return windows
        .map(({ key, start, end, value }: any) =>
          later(madeOf(keys.of(key), unit.of(start), unit.of(end), numbersOf(value))),
        )
        .inspect(({ n }: Value, { position }: { position: number }) => check(n + position));
    },
    initial: noWindows,
    plain: (state: WindowsState, call) => (value, next) => {
      const windows = take(state, value);
      if (windows === undefined) call.late.push(value);
      else passOn(windows, call, next);
    },
    end: (state: WindowsState, call, next) => passOn(end(state), call, next),
  };
}

/** Lists, of each key or of all values. */
function listStep(parts: Parts, keyBy: KeyBy | undefined): ModelStep {
  const { random } = parts;
  const { text, check } = failing(parts);
  const size = 1 + random.int(4);
  const isKeyed = keyBy !== undefined;
  const madeOf = (list: readonly Value[]): Value => ({ ...(list[0] as Value), n: numberOf(list.map(({ n }) => n)) });
  const passOn = (list: readonly Value[], { position }: Call, next: (value: Value) => void): void => {
    const value = madeOf(list);
    check(value.n + position);
    next(value);
  };
  return {
    text: `${isKeyed ? 'keyed' : 'unkeyed'} batch ${size}${text}`,
    add: (made, name) =>
      (isKeyed ? keyBy(made).batch(name, { size }) : made.batch({ size }))
        .map(madeOf)
        .inspect(({ n }: Value, { position }: { position: number }) => check(n + position)),
    plain: (lists: Map<string, Value[]>, call) => (value, next) => {
      const id = isKeyed ? value.k : '';
      const list = [...(lists.get(id) ?? []), value];
      // The list with the most recent value is the last one.
      lists.delete(id);
      if (list.length === size) passOn(list, call, next);
      else lists.set(id, list);
    },
    end: (lists: Map<string, Value[]>, call, next) => {
      const open = [...lists.values()];
      lists.clear();
      for (const list of open) passOn(list, call, next);
    },
  };
}

/** Writes the values to a stream, and continues with what is read from there. */
function throughStep(via: MessageClass<Ev>, keys: KeyKind): ModelStep {
  return {
    text: `through ${via.name}`,
    through: via,
    add: (made) =>
      made.map(({ k, t, n }: Value) => message(via, { k, t, n })).through(via, ({ k }: Value) => keys.to(k)),
    plain: (_, call) => (value, next) => {
      call.written.push([via, value]);
      next(value);
    },
  };
}

/** One step with state, or with a stream before it. */
function statefulSteps(parts: Parts, via: MessageClass<Ev> | undefined, isLocal: boolean): ModelStep[] {
  const { random } = parts;
  const keys = randomKeyKind(random);
  const keyBy: KeyBy =
    via === undefined ? (made) => made.keyBy(({ k }: Value) => keys.to(k), { local: isLocal }) : (made) => made;
  const kind = random.float();
  const step =
    kind < 0.4
      ? keyedStep(parts, keyBy, keys)
      : kind < 0.8
        ? windowStep(parts, keyBy, keys)
        : listStep(parts, via !== undefined || random.chance(0.6) ? keyBy : undefined);
  const named = { ...step, text: `${step.text} by ${keys.name}` };
  return via === undefined ? [named] : [throughStep(via, keys), named];
}

interface Options {
  /** The number of streams that it goes through, at most. Default: none. */
  readonly streams?: number;
  /** Each lane has state of its own. Default: false. */
  readonly isLocal?: boolean;
  readonly onError?: 'skip' | 'fail' | 'dead letter';
}

/** What is written by a flow, or a stage, in one lane. */
interface Given {
  /** The results of the last stage. */
  readonly texts: readonly string[];
  readonly late: readonly Value[];
  /** What each stream in between got. */
  readonly written: ReadonlyMap<MessageClass<Ev>, readonly Value[]>;
  /** The positions of elements whose calls failed; -1 for the call at the end. */
  readonly failed: readonly number[];
}

/** A random flow with slow and failing steps, and the plain code with the same results. */
export function randomFailingFlow(random: Random, { streams = 0, isLocal = false, onError = 'skip' }: Options = {}) {
  const turns = random.int(4);
  const later: Later = (value) => {
    if (turns === 0 || random.chance(0.3)) return value;
    const wait = random.int(turns + 1);
    return (async () => {
      for (let i = 0; i < wait; i++) await new Promise((resolve) => setImmediate(resolve));
      return value;
    })();
  };
  const failures: Failures = { isOn: true };
  const parts: Parts = { random, later, failures };
  // At least one with state, usually with several values in progress at once.
  const before = Array.from({ length: 1 + random.int(3) }, () => unkeyedStep(parts));
  let used = 0;
  const stateful = (): ModelStep[] =>
    statefulSteps(parts, used < streams && random.chance(0.6) ? vias[used++] : undefined, isLocal);
  const after = Array.from({ length: random.int(3) }, () => (random.chance(0.5) ? stateful() : [unkeyedStep(parts)]));
  const steps = [...before, ...stateful(), ...after.flat()];
  return {
    text: steps.map(({ text }) => text).join(' → '),
    failures,
    make: (): ProcessFunction<any> => {
      const policy = onError === 'dead letter' ? { deadLetter: BadMessage } : onError;
      let made: any = flow(Ev, { onError: policy }).map(({ k, t, n }) => ({ k, t, n }));
      steps.forEach((step, i) => {
        made = step.add(made, `step ${i}`);
      });
      return made.map((value: Value) => message(Text, { text: JSON.stringify(value) })).to(Text);
    },
    /** The streams that it goes through, in order. */
    vias: steps.flatMap(({ through }) => through ?? []),
    /** The whole flow in one lane. */
    plain: (input: readonly Value[]): Given => plainLane(steps, input),
    /** Its stages, in one lane each. */
    stages: stagesIn(steps).map((stage) => (input: readonly Value[]) => plainLane(stage, input)),
  };
}

/** Cuts steps after those that write to a stream. */
function stagesIn(steps: readonly ModelStep[]): readonly (readonly ModelStep[])[] {
  const stages: ModelStep[][] = [[]];
  for (const step of steps) {
    stages.at(-1)!.push(step);
    if (step.through !== undefined) stages.push([]);
  }
  return stages;
}

/** Each value is a call, and so is the end: its results and its state count as a whole, or not at all. */
function plainLane(steps: readonly ModelStep[], input: readonly Value[]): Given {
  let kept = steps.map(({ initial = () => new Map() }) => initial());
  const given = {
    texts: [] as string[],
    late: [] as Value[],
    written: new Map<MessageClass<Ev>, Value[]>(),
    failed: [] as number[],
  };
  const call = (position: number, work: (states: any[], nexts: ((value: Value) => void)[], call: Call) => void) => {
    const states = structuredClone(kept);
    const texts: string[] = [];
    const about: Call = { position, late: [], written: [] };
    const nexts: ((value: Value) => void)[] = [({ k, t, n }) => void texts.push(JSON.stringify({ k, t, n }))];
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i]!.plain(states[i], about);
      const [behind] = nexts;
      nexts.unshift((each) => step(each, behind!));
    }
    try {
      work(states, nexts, about);
    } catch (error) {
      if ((error as Error).message !== 'fails') throw error;
      given.failed.push(position);
      return;
    }
    kept = states;
    given.texts.push(...texts);
    given.late.push(...about.late);
    for (const [via, value] of about.written) given.written.set(via, [...(given.written.get(via) ?? []), value]);
  };
  for (const [position, value] of input.entries()) call(position, (_, [first]) => first!(value));
  call(-1, (states, nexts, about) => {
    for (const [i, { end }] of steps.entries()) end?.(states[i], about, nexts[i + 1]!);
  });
  return given;
}
