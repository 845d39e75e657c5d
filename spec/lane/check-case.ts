import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';
import { oracle, type Verdict } from '../oracle/oracle.js';
import type { RandomCase } from '../oracle/random-case.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type KeyKind, type MakeMachine, type Moment, type Run, type RunOptions, run } from './harness.js';

export interface CheckOptions {
  /** The number of vectors of a run from which it is restarted. Default: all. */
  keep?: number;
  /** Changes a vector before the restart. */
  change?: (vector: LaneVector) => LaneVector;
  /** The machine that restarts. Default: the one that ran. */
  successor?: MakeMachine;
  /** The machine that runs first. Default: the one made for the tree. */
  make?: MakeMachine;
  /** The numbers of elements fed at once. */
  batches?: readonly number[];
}

/**
 * Compares the lane with the oracle on one case: the calls, the late elements, the violation. Then checks that a
 * restart from the vectors of the run, and from one vector of each of those, returns exactly the rest. Returns the
 * number of restarts.
 */
export function checkCase(one: RandomCase, options: CheckOptions = {}): number {
  try {
    return compare(one, options);
  } catch (error) {
    throw error instanceof Difference ? error : new Difference((error as Error).message, one, {});
  }
}

/** Most cases have numbers as keys, some bigints and Dates. */
function keysOf({ seed }: RandomCase): KeyKind {
  return seed % 8 === 0 ? 'bigint' : seed % 8 === 1 ? 'Date' : 'number';
}

function compare(one: RandomCase, options: CheckOptions): number {
  const { keep = 1, change = (vector: LaneVector) => vector, make, successor, batches } = options;
  const given = { keys: keysOf(one), gaps: one.seed % 3 === 2, batches };
  const check = new Check(one, given);
  const whole = run(one.root, one.data, new Random(one.seed ^ 0x5eed), { ...given, keep, make });
  check.rest(whole, 0, {});
  check.late(whole, []);
  const tried = new Set<string>();
  for (const moment of whole.vectors.flatMap(alsoNotEnded)) {
    const vector = change(moment.vector);
    const key = JSON.stringify([moment.given, vector]);
    if (tried.has(key)) continue;
    tried.add(key);
    const random = new Random(one.seed * 5003 + moment.step);
    const again = run(one.root, one.data, random, { ...given, vector, keep: Math.min(1, keep * 2), make: successor });
    check.rest(again, moment.given, { moment });
    check.late(again, whole.late.slice(0, moment.late));
    check.earlyEnd(moment, whole, again);
    if (again.vectors.length > 0) check.second(moment, again, random);
  }
  return tried.size;
}

/**
 * The vector of a lane that ended early is also committed without its end: before the call at the end of the streams.
 */
function alsoNotEnded(moment: Moment): Moment[] {
  const { ended, ...vector } = moment.vector;
  return ended === 'noMatch' ? [moment, { ...moment, vector }] : [moment];
}

class Check {
  private readonly expected: Verdict;
  private readonly want: string[];

  constructor(
    private readonly one: RandomCase,
    private readonly options: RunOptions,
  ) {
    this.expected = oracle(one.root, one.data);
    this.want = this.expected.calls.map((call) => JSON.stringify(call));
  }

  /** Checks the calls after the first ones; if an element breaks the order, as far as it was not read. */
  rest({ given, last, broken, unread }: Run, from: number, more: object): void {
    const want = this.want.slice(from, last === 'violation' ? from + given.length : undefined);
    const isAllowed = (broken === undefined || this.failures().includes(broken)) && !this.hasPassed(unread);
    if (isAllowed && given.map((call) => JSON.stringify(call)).join() === want.join()) return;
    const what = Object.keys(more).length === 0 ? 'calls differ' : 'a restart differs';
    const wanted = this.expected.calls.slice(from);
    throw new Difference(what, this.one, { ...more, given, last, broken, want: wanted, failures: this.failures() });
  }

  /** Checks the late elements: each that was read once, and no others. */
  late({ late, unread }: Run, before: string[]): void {
    const given = [...before, ...late];
    const { root, data } = this.one;
    const want = Object.entries(this.expected.late).flatMap(([name, places]) => places.map((at) => `${name} ${at}`));
    const names = Object.keys(data);
    const missing = want.filter((place) => {
      const [name, position] = place.split(' ') as [string, string];
      return Number(position) < (unread[names.indexOf(name)] as number) && !given.includes(place);
    });
    const isReordered = JSON.stringify(root).includes('"slack"');
    const wrong = given.some((place) => !want.includes(place)) || new Set(given).size !== given.length;
    if (!wrong && (isReordered || missing.length === 0)) return;
    throw new Difference('late elements differ', this.one, { before, late, want, missing });
  }

  /** Checks that a restart after an early end takes no more of the master than the whole run. */
  earlyEnd({ vector }: Moment, whole: Run, again: Run): void {
    const [most, taken] = [whole.unread[0] as number, again.unread[0] as number];
    if (vector.over === undefined || (taken <= most && again.broken === undefined)) return;
    throw new Difference('a restart reads past an early end', this.one, { vector, most, taken, broken: again.broken });
  }

  second(moment: Moment, again: Run, random: Random): void {
    const second = random.pick(again.vectors);
    const third = run(this.one.root, this.one.data, random, { ...this.options, vector: second.vector, keep: 0 });
    this.rest(third, moment.given + second.given, { moment, second });
  }

  /** Returns whether an element that breaks the order was taken. */
  private hasPassed(unread: number[]): boolean {
    return Object.keys(this.one.data).some((name, i) => {
      const failed = this.expected.failed[name];
      return failed !== undefined && (unread[i] as number) > failed;
    });
  }

  private failures(): string[] {
    return Object.entries(this.expected.failed).map(([name, position]) => `${name} ${position}`);
  }
}
