import type { MessageClass } from '../../base/class.js';
import { shareCompiled } from '../../base/compile.js';
import { isInsideAwaitedCall, processCalls } from '../../base/inside-call.js';
import { thrownSentence } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { MemoryEntries } from '../../brokers/memory/memory-message-broker.js';
import { Fixture } from '../fixture.js';
import type { MakeMill } from '../replay.js';
import { expectFree, savedSchedule, writeCase } from './explored-fixture.js';
import { ExploredInputs } from './explored-inputs.js';
import { disturbedCase, type FoundCase, isCase, patienceMs, plainCase } from './found-case.js';
import { likelyFault } from './likely-fault.js';
import { findingWords } from './outcome.js';
import { hasty, type Runner } from './run-schedule.js';
import { plainSchedules, randomSchedule, type Schedule } from './schedule.js';
import { scheduleWords } from './schedule-words.js';
import { Shrink } from './shrink.js';
import { StandsStill } from './standstill.js';
import { UnhandledErrors } from './unhandled-errors.js';
import { expectOptions, wrong } from './wrong-use.js';

/** The options of `explore`. */
export interface ExploreOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** The inputs of the mill: the path of a fixture, or entries as for a `MemoryMessageBroker`. */
  readonly inputs: string | MemoryEntries<C>;
  /** The number of schedules to try. Default: 100. */
  readonly runs?: number;
  /** The seed of random numbers: the same seed tries the same schedules. Default: 1. */
  readonly seed?: number;
  /**
   * The folder for the smallest input, as a fixture; one that an earlier `explore` has written is replaced. Default: a
   * new folder in the system's temporary folder.
   */
  readonly fixture?: string;
}

/**
 * Inputs of this many elements per stream are tried before all of them: faults that every run shows are found with few.
 */
const beginnings = [1, 3, 5, 8];

/** The functions that await the creation of mills, and their calls. */
const explorationCalls = ['runSchedule', ...processCalls];

/** One at a time: it replaces globals of the process. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs mills over the same inputs under many schedules: other batches, another order of arrival, pauses, stops, crashes
 * before and after results and commits, calls that fail and are repeated; with frozen elements, another time, other
 * random numbers and on another machine. Each must produce the same results as an undisturbed run. `makeMill` is called
 * for every run, and must create all of its state again.
 *
 * Rejects with `WM_EXPLORE` if a run has other results or fails, if results are changed after their call, if a promise
 * is rejected and not handled, or if an error is thrown and not caught. The error names the difference, the schedule, the
 * likely fault and a fixture of the smallest input that shows it; `details` has the same as `stream`, `at`, `expected`,
 * `found`, `schedule`, `likely`, `fixture` (undefined if it could not be written), `seed` and `elements`. If the mill
 * fails without being disturbed, it rejects with the mill's own error; for options that are invalid with `WM_TEST_KIT`.
 *
 * While it runs, the schedule controls `Date`, `performance.now()`, `process.hrtime()`, `Math.random()` and
 * `crypto.randomUUID()` of this process, and its time zone; within calls also `process.uptime()`,
 * `crypto.getRandomValues()`, `node:crypto`, `process.pid` and `os.hostname()`.
 *
 * @example
 * ```ts
 * await explore((broker) => makeMill(broker), { inputs: 'fixtures/two-robots', runs: 200, seed: 1 });
 * ```
 */
export async function explore<const C extends readonly MessageClass<any>[]>(
  makeMill: MakeMill,
  options: ExploreOptions<C>,
): Promise<void> {
  // It would wait for itself forever.
  if (isInsideAwaitedCall(explorationCalls))
    throw wrong('a call outside of the mills that are explored', 'one in them');
  const exploration = turn.then(() => exploreNow(makeMill, options));
  turn = exploration.catch(() => {});
  return exploration;
}

async function exploreNow(makeMill: MakeMill, options: ExploreOptions<any>): Promise<void> {
  if (typeof makeMill !== 'function') throw wrong('a function that makes a mill with the broker it is given', makeMill);
  if (typeof options !== 'object' || options === null) throw wrong('options { inputs }', options);
  expectOptions(options, ['inputs', 'runs', 'seed', 'fixture']);
  const { inputs: given, runs = 100, seed = 1, fixture } = options;
  if (!(Number.isSafeInteger(runs) && runs >= 1)) throw wrong('runs of 1 or more, a whole number', runs);
  if (!Number.isSafeInteger(seed)) throw wrong('a whole number as seed', seed);
  if (fixture !== undefined && (typeof fixture !== 'string' || fixture === ''))
    throw wrong('the path of a folder', fixture);
  if (fixture !== undefined) await expectFree(fixture);
  const { inputs, saved } = await inputsOf(given);
  const unhandled = new UnhandledErrors();
  const unshare = shareCompiled();
  const runner = { makeMill, unhandled };
  let smallest: FoundCase | undefined;
  try {
    const found = await search(runner, inputs, [...saved, ...schedulesOf(inputs, runs, seed)]);
    smallest = found && (await new Shrink(runner, found).smallest());
  } finally {
    unshare();
    unhandled.restore();
  }
  if (smallest !== undefined) throw await errorOf(smallest, seed, fixture);
}

async function inputsOf(given: unknown): Promise<{ inputs: ExploredInputs; saved: Schedule[] }> {
  if (Array.isArray(given)) return { inputs: ExploredInputs.ofEntries(given, wrong), saved: [] };
  if (typeof given !== 'string') throw wrong('the path of a fixture, or entries [Class, elements], as inputs', given);
  const inputs = await ExploredInputs.ofFixture(await Fixture.open(given));
  const saved = await savedSchedule(given);
  return { inputs, saved: saved === undefined ? [] : [saved] };
}

function schedulesOf({ count }: ExploredInputs, runs: number, seed: number): Schedule[] {
  const plain = plainSchedules(count);
  // Exact, however large the seed is: with a number, many runs would have the same seed.
  const seedOf = (run: number): number => Number(BigInt.asUintN(32, BigInt(seed) * 1_000_003n + BigInt(run)));
  return Array.from({ length: runs }, (_, i) => plain[i] ?? randomSchedule(seedOf(i)));
}

async function search(
  runner: Runner,
  inputs: ExploredInputs,
  schedules: readonly Schedule[],
): Promise<FoundCase | undefined> {
  for (const count of beginnings) {
    const few = inputs.beginning(count);
    if (few.count === inputs.count) break;
    const found = await examine(runner, few, plainSchedules(few.count), false);
    // A step that is cut off may be one that a mill needs.
    if (found !== undefined && 'finding' in found) return found;
    if (found?.error instanceof StandsStill) break;
  }
  const found = await examine(runner, inputs, schedules, true);
  if (found === undefined || 'finding' in found) return found;
  throw found.error instanceof StandsStill ? stoodStill(found.error) : found.error;
}

/** The first case that is found, or the failure of the undisturbed run. */
async function examine(
  runner: Runner,
  inputs: ExploredInputs,
  schedules: readonly Schedule[],
  /** A few elements do not show whether results are reused. */
  looksBack: boolean,
): Promise<FoundCase | { readonly error: unknown } | undefined> {
  const plain = await plainCase(runner, inputs, { ...hasty, waitMs: patienceMs, looksBack });
  if (isCase(plain)) return plain;
  if (plain.failure !== undefined) return plain.failure;
  for (const schedule of schedules) {
    const found = await disturbedCase(runner, inputs, plain, schedule);
    if (found !== undefined) return found;
  }
  return undefined;
}

function stoodStill({ message }: StandsStill): WaterMillError {
  const seconds = hasty.standstillMs / 1_000;
  return new WaterMillError(
    'WM_EXPLORE',
    `explore(): without being disturbed the mill has done nothing for ${seconds} s: ${message}`,
    { kind: 'standstill' },
  );
}

async function errorOf(found: FoundCase, seed: number, folder: string | undefined): Promise<WaterMillError> {
  const { finding, schedule, inputs } = found;
  const [what, words, likely] = [findingWords(finding), scheduleWords(schedule), likelyFault(found)];
  let fixture: string | undefined;
  let cause: unknown;
  try {
    fixture = await writeCase(folder, found, { seed, found: what, likely, words, schedule });
  } catch (error) {
    cause = error;
  }
  const saved =
    fixture === undefined
      ? `The inputs could not be written as a fixture: ${thrownSentence(cause)} Explore again with this seed and another folder.`
      : `The inputs are in the fixture ${fixture}: explore(makeMill, { inputs: that folder }) tries this first.`;
  const elements = inputs.count;
  const size = elements === 1 ? '1 element' : `${elements} elements`;
  const difference = finding.what === 'other results' ? finding.difference : {};
  return new WaterMillError(
    'WM_EXPLORE',
    `explore() found a fault with ${size} (seed ${seed}): ${what}. The schedule: ${words}. ${likely} ${saved}`,
    { ...difference, kind: finding.what, schedule: words, likely, fixture, seed, elements },
    cause === undefined ? undefined : { cause },
  );
}
