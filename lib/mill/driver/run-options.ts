import { listed } from '../../base/shown-text.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { printKey } from '../../expressions/key-text.js';
import { asksFor } from '../plan/find/call-values.js';
import { checkCallOptions, checkNames } from '../plan/option-checks.js';
import { leaderOf, type Plan, type ProcessPlan } from '../plan/plan.js';

/** How often positions are committed. */
export interface CommitEvery {
  /** After this many master elements. Default: 10,000. */
  readonly elements?: number;
  /** After this many milliseconds, if anything was read. Default: 5,000. */
  readonly ms?: number;
}

export const defaultCommit = { elements: 10_000, ms: 5_000 } as const;

/** The options of a mill that only its runs need, not the plan. */
export const runOptionNames = [
  'signal',
  'logger',
  'clock',
  'commitEvery',
  'onPlanChange',
  'onLaneFailure',
  'maxOpen',
  'freeze',
  'onWaiting',
  'waitingAfterMs',
  'progress',
  'storeFolder',
];

interface RunOptions {
  readonly signal?: unknown;
  readonly logger?: unknown;
  readonly clock?: unknown;
  readonly commitEvery?: CommitEvery;
  readonly onPlanChange?: unknown;
  readonly onLaneFailure?: unknown;
  readonly maxOpen?: unknown;
  readonly freeze?: unknown;
  readonly onWaiting?: unknown;
  readonly waitingAfterMs?: unknown;
  readonly progress?: unknown;
  readonly storeFolder?: unknown;
}

/** Throws if an option is invalid. */
export function checkRunOptions(options: RunOptions, plan: Plan): void {
  const { process } = plan;
  const { signal, logger, clock, commitEvery, onPlanChange, onLaneFailure, maxOpen, onWaiting, waitingAfterMs } =
    options;
  if (signal !== undefined && !(has(signal, 'addEventListener') && 'aborted' in (signal as object))) {
    throw wrong('signal', 'an AbortSignal', signal);
  }
  if (clock !== undefined) checkMethods('clock', clock, 'now', 'setTimer');
  if (logger !== undefined) checkMethods('logger', logger, 'debug', 'info', 'warn', 'error');
  if (commitEvery !== undefined) checkCommitEvery(commitEvery);
  checkTransactionTime(commitEvery?.ms ?? defaultCommit.ms, plan);
  if (onPlanChange !== undefined && onPlanChange !== 'fail' && onPlanChange !== 'restart') {
    throw wrong('onPlanChange', "'fail' or 'restart'", onPlanChange);
  }
  if (onLaneFailure !== undefined && onLaneFailure !== 'stop' && onLaneFailure !== 'goOn') {
    throw wrong('onLaneFailure', "'stop' or 'goOn'", onLaneFailure);
  }
  if (options.freeze !== undefined && typeof options.freeze !== 'boolean') {
    throw wrong('freeze', 'true or false', options.freeze);
  }
  if (maxOpen !== undefined) checkMaxOpen(maxOpen, process);
  if (onWaiting !== undefined && typeof onWaiting !== 'function') throw wrong('onWaiting', 'a function', onWaiting);
  if (options.progress !== undefined && options.progress !== 'terminal') {
    throw wrong('progress', "'terminal'", options.progress);
  }
  if (options.storeFolder !== undefined && (typeof options.storeFolder !== 'string' || options.storeFolder === '')) {
    throw wrong('storeFolder', 'the path of a folder', options.storeFolder);
  }
  if (waitingAfterMs !== undefined && !(typeof waitingAfterMs === 'number' && waitingAfterMs >= 1)) {
    throw wrong('waitingAfterMs', 'a number of milliseconds, one or more', waitingAfterMs);
  }
}

/** Throws if an option of `health()` is invalid; fills in the default. */
export function checkedHealth(options: { readonly stuckAfterMs?: number }): number {
  checkCallOptions('health()', options, ['stuckAfterMs']);
  const { stuckAfterMs = 60_000 } = options;
  if (typeof stuckAfterMs === 'number' && stuckAfterMs >= 0) return stuckAfterMs;
  throw wrong('stuckAfterMs', 'a number of milliseconds, zero or more', stuckAfterMs);
}

function checkMaxOpen(maxOpen: unknown, process: ProcessPlan): void {
  if (!asksFor(process, 'dataKey') && process.concurrency === 1) {
    throw wrong(
      'maxOpen',
      `nothing: ${process.name} has no DataKey and no concurrency, so no call stays open`,
      maxOpen,
    );
  }
  if (!Number.isInteger(maxOpen) || (maxOpen as number) < 1) {
    throw wrong('maxOpen', 'a whole number of calls, at least 1', maxOpen);
  }
}

function checkCommitEvery(every: CommitEvery): void {
  if (typeof every !== 'object' || every === null) throw wrong('commitEvery', '{ elements, ms }', every);
  checkNames(every, ['elements', 'ms'], 'commitEvery');
  for (const [name, value] of Object.entries(every)) {
    if (value !== undefined && !(typeof value === 'number' && value >= 1)) {
      throw wrong(`commitEvery.${name}`, 'a number, one or more', value);
    }
  }
}

/** Results would be aborted before they are committed, and written again, without end. */
function checkTransactionTime(ms: number, plan: Plan): void {
  const leader = leaderOf(plan);
  const { transactionTimeoutMs } = leader.abilities;
  if (transactionTimeoutMs === undefined || ms < transactionTimeoutMs) return;
  if (!plan.outputs.some(({ broker }) => broker === leader)) return;
  const expected = `less than transactionTimeoutMs of ${leader.name} (${transactionTimeoutMs})`;
  throw wrong('commitEvery.ms', `${expected}, after which transactions are aborted`, ms);
}

function checkMethods(option: string, value: unknown, ...methods: readonly string[]): void {
  const missing = methods.filter((name) => !has(value, name));
  if (missing.length === 0) return;
  const expected = `an object with the methods ${listed(methods)}`;
  throw typeof value === 'object' && value !== null && missing.length < methods.length
    ? wrongText(option, expected, `one without ${listed(missing)}`)
    : wrong(option, expected, value);
}

function has(value: unknown, method: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return typeof (value as Record<string, unknown>)[method] === 'function';
  } catch {
    // A getter threw: calling the method would throw as well.
    return false;
  }
}

function wrong(option: string, expected: string, found: unknown): WaterMillError {
  return wrongText(option, expected, printKey(found));
}

function wrongText(option: string, expected: string, found: string): WaterMillError {
  return new WaterMillError('WM_MILL_OPTIONS', `${option}: expected ${expected}, found ${found}.`, { expected, found });
}
