import { Field, field, Message, message, processFunction, table } from 'watermill';
import type { Random } from '../support/random.js';

/** The work of one call on a table of histories: an operation and its keys. */
@Message()
export class Step {
  @Field() at!: number;
  @Field() work!: string;
  @Field() key!: string;
  @Field() to!: string;
}

/** The history of a key: an operation that is repeated, lost or from another past shows. */
@Message()
export class History {
  @Field() key!: string;
  @Field() text!: string;
}

/** The rows that a call saw. */
@Message()
export class Seen {
  @Field() at!: number;
  @Field() text!: string;
}

export class Histories extends table(History, { key: field(History, 'key') }) {}

/** The same, stored under the same name. */
export class HistoriesOnDisk extends table(History, { key: field(History, 'key'), store: 'disk', name: 'Histories' }) {}

const works = ['put', 'put', 'put', 'delete', 'move', 'read', 'twice', 'fail', 'fail later'];

export function randomSteps(random: Random, length: number, keys = 5): Step[] {
  const key = (): string => 'abcdefghij'[random.int(keys)] as string;
  return Array.from({ length }, (_, at) => message(Step, { at, work: random.pick(works), key: key(), to: key() }));
}

/**
 * Computes the rows that calls would see, and the final table, in an undisturbed run: a Map, without calls that throw.
 */
export function oracle(steps: readonly Step[]): { readonly seen: object[]; readonly left: object[] } {
  const map = new Map<string, string>();
  const seen: object[] = [];
  for (const { at, work, key, to } of steps) {
    if (work.startsWith('fail')) continue;
    const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([each, text]) => `${each}=${text}`);
    seen.push({ at, text: `${map.get(key) ?? '-'} ${map.get(to) ?? '-'} ${map.size} ${sorted.join(' ')}` });
    const next = `${map.get(key) ?? ''}${at}.`;
    if (work === 'put') map.set(key, next);
    if (work === 'delete') map.delete(key);
    if (work === 'move') {
      map.delete(key);
      map.set(to, next);
    }
    if (work === 'twice') map.set(key, `${next}${at}.`);
  }
  const left = [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => ({ key, text }));
  return { seen, left };
}

/** A second table, of which each call changes some rows, except calls that throw. */
export interface TableLoad {
  readonly rows: number;
  readonly perStep: number;
}

/**
 * Returns the rows that the calls of `table-life.cjs` would see: the same, then the first row of the second table, and
 * its size.
 */
export function seenWith({ rows, perStep }: TableLoad, steps: readonly Step[]): object[] {
  const loads = new Map<number, number>();
  const carried = new Map<number, string>();
  for (const { at } of steps.filter(({ work }) => !work.startsWith('fail'))) {
    const first = (at * perStep) % rows;
    carried.set(at, ` ${loads.get(first) ?? '-'} of ${loads.size}`);
    for (let i = 0; i < perStep; i++) loads.set((first + i) % rows, at);
  }
  return oracle(steps).seen.map((seen) => {
    const { at, text } = seen as Seen;
    return { at, text: `${text}${carried.get(at)}` };
  });
}

function work({ at, work, key, to }: Step, table: Histories): void {
  const text = `${table.get(key)?.text ?? ''}${at}.`;
  const put = (key: string, text: string): void => table.put({ key, text });
  if (work === 'put') put(key, text);
  if (work === 'delete') table.delete(key);
  if (work === 'move') {
    table.delete(key);
    table.put(message(History, { key: to, text }));
  }
  if (work === 'twice') {
    put(key, text);
    put(key, `${table.get(key)?.text}${at}.`);
  }
  if (!work.startsWith('fail')) return;
  // The changes of this call must leave no trace.
  put(key, 'never');
  table.delete(to);
  put(to, 'nor this');
  table.delete(key);
}

function look({ at, key, to }: Step, table: Histories): Seen {
  const sorted = [...table.range()].map((each) => `${each.key}=${each.text}`);
  const text = `${table.get(key)?.text ?? '-'} ${table.get(to)?.text ?? '-'} ${table.size} ${sorted.join(' ')}`;
  return message(Seen, { at, text });
}

/** Returns the same work in every form of a process function. */
export function formsOf(histories: typeof Histories) {
  const options = { inject: [histories], emits: [Seen], onError: 'skip' } as const;
  return {
    'a function': processFunction(Step, options, (step, table) => {
      const seen = look(step, table);
      work(step, table);
      if (step.work.startsWith('fail')) throw new Error(step.work);
      return seen;
    }),
    'an async function': processFunction(Step, options, async (step, table) => {
      const seen = look(step, table);
      await null;
      work(step, table);
      if (step.work === 'fail') throw new Error(step.work);
      await null;
      if (step.work === 'fail later') throw new Error(step.work);
      return seen;
    }),
    'a generator': processFunction(Step, options, function* (step, table) {
      yield look(step, table);
      work(step, table);
      if (step.work.startsWith('fail')) throw new Error(step.work);
    }),
  };
}

export const forms = formsOf(Histories);
export const formsOnDisk = formsOf(HistoriesOnDisk);
