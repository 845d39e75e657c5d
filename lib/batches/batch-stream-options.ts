import type { Clock } from '../base/clock.js';
import { areRetries, BrokerOptions, isOptions, retriesExpected } from '../brokers/broker-options.js';
import type { BatchSource } from '../brokers/custom/source.js';
import { isBoolean, isCount, isCountAboveZero, isOneOf, isText } from '../brokers/option-values.js';

/** The options of a batch stream. */
export interface BatchStreamOptions<S> {
  /** By name. The names are kept: a source under another name is a different one. */
  readonly sources: S;
  /** The directory for bounds and commits. It is created if missing, and has one owner at a time. */
  readonly directory: string;
  /**
   * The interval between the starts of batches; after a batch that takes longer, the next one starts at the next
   * multiple. Milliseconds. Default: 0.
   */
  readonly minIntervalMs?: number;
  /**
   * Starts the next batch immediately while there is more to read. Default: false; each batch waits for its interval.
   */
  readonly catchUp?: boolean;
  /**
   * How often a failed batch is retried (`Infinity`: until it succeeds), and the pause before each retry. Default:
   * never.
   */
  readonly retries?: { readonly max: number; readonly delayMs?: number };
  /**
   * What to do at a start with a batch that was started and not committed: `'repeat'` it, exactly, under its id
   * (default), or `'decide anew'`: the sources choose again, under a new id.
   */
  readonly onRestart?: 'repeat' | 'decide anew';
  /** How to treat a source that is new: as an error (default), or read it `'from the beginning'`. */
  readonly added?: 'from the beginning';
  /** How to treat a source that is gone: as an error (default), or drop its position. */
  readonly removed?: 'forget';
  /** The number of records of bounds and of commits to keep, at least 1. Default: 100. */
  readonly keep?: number;
  /** Aborting it has the same effect as `stop()`. */
  readonly signal?: AbortSignal;
  /** The clock for intervals and pauses. Default: the system's. */
  readonly clock?: Clock;
}

const known = [
  'sources',
  'directory',
  'minIntervalMs',
  'catchUp',
  'retries',
  'onRestart',
  'added',
  'removed',
  'keep',
  'signal',
  'clock',
];

/** @throws WaterMillError `WM_BROKER_OPTIONS` for an option that is invalid. */
export function checkBatchStreamOptions(options: BatchStreamOptions<unknown>): void {
  const form = "new BatchStream({ sources: { name: source }, directory: 'state' })";
  const checked = new BrokerOptions('BatchStream', options, known, form);
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const sources = checked.take<Record<string, BatchSource<unknown, unknown>>>(
    'sources',
    'an object { name: source }',
    isOptions,
  );
  const entries = Object.entries(sources ?? {});
  if (entries.length === 0) checked.refuse("The option 'sources'", 'at least one source, { name: source }', sources);
  for (const [name, source] of entries) {
    if (typeof source?.read !== 'function') checked.refuse(`The source '${name}'`, 'a batch source { read }', source);
  }
  if (checked.take('directory', 'the path of a folder', isText) === undefined) {
    checked.refuse("The option 'directory'", 'the path of a folder', undefined);
  }
  checked.take('minIntervalMs', 'a whole number of milliseconds, 0 or more', isCount);
  checked.take('catchUp', 'true or false', isBoolean);
  const retries = checked.take<object>('retries', retriesExpected, areRetries);
  if (retries !== undefined) checked.checkNames("The option 'retries'", retries, ['max', 'delayMs']);
  checked.take('onRestart', "'repeat' or 'decide anew'", isOneOf('repeat', 'decide anew'));
  checked.take('added', "'from the beginning'", isOneOf('from the beginning'));
  checked.take('removed', "'forget'", isOneOf('forget'));
  checked.take('keep', 'a whole number of at least 1', isCountAboveZero);
  checked.take('signal', 'an AbortSignal', (value) => isObject(value) && 'aborted' in value);
  checked.take(
    'clock',
    'a clock { now, setTimer }',
    (value) => isObject(value) && 'now' in value && 'setTimer' in value,
  );
}
