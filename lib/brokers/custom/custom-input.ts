import type { Class } from '../../base/class.js';
import type { Clock } from '../../base/clock.js';
import type { Json } from '../../base/json.js';
import { refuseOtherVersion } from '../../base/other-version.js';
import type { StreamCodec } from '../../messages/index.js';
import type { StreamEntry, StreamReader } from '../broker.js';
import { entryOptions } from '../broker-entry.js';
import { areRetries, type BrokerOptions, retriesExpected } from '../broker-options.js';
import { type BatchMark, BatchSourceReader } from './batch-source-reader.js';
import { expectPositions } from './continued-source.js';
import { IteratorReader, type Opening } from './iterator-reader.js';
import type { AnyIterable, BatchSource, SourceFunction, SourceOptions, SourceRetries } from './source.js';
import { sourceBroke } from './source-error.js';
import { Timer } from './timer.js';
import { type TimerMark, TimerReader } from './timer-reader.js';
import { type SourceMark, ValuesBuffer } from './values-buffer.js';

/** An input of a CustomMessageBroker. */
export interface CustomInput extends StreamEntry {
  /** The input can be opened repeatedly: several readers can have their own positions. */
  readonly rereads: boolean;
  openReader(clock: Clock, mark: Json | undefined): StreamReader;
}

/** The third member of an entry, in any of its forms. */
type Options = Omit<SourceOptions, 'deserializer'> & Pick<StreamCodec<any>, 'deserializer'>;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Checks an entry and makes its input; throws if it is not a source. Entries with the same source have the same `id`.
 */
export function customInput(
  checked: BrokerOptions,
  message: Class,
  source: unknown,
  given: unknown,
  id: string,
): CustomInput {
  const label = `the source of ${message.name}`;
  const stream = { message: message.name, stream: label };
  refuseOtherVersion(capitalized(label), source);
  const options = entryOptions<Options>(checked, capitalized(label), given, known) ?? {};
  checkOptions(checked, label, source, options);
  const { deserializer, offset, retries } = options;
  const entry = {
    label,
    id,
    acceptPropertyNames: true,
    ...(deserializer !== undefined && { codec: { deserializer } }),
  };
  if (source instanceof Timer) {
    const missed = options.missed ?? source.missed;
    const openReader: CustomInput['openReader'] = (clock, mark) => {
      expectPositions(mark, 'ticks', stream);
      return new TimerReader(source, stream, clock, mark as TimerMark | undefined, missed);
    };
    const ofMissed = missed === 'all' ? 'all' : 'the last';
    const clock = `arrives every ${source.intervalMs} ms, of missed ticks ${ofMissed}`;
    return { ...entry, rereads: true, clock, openReader };
  }
  if (isBatchSource(source)) {
    const openReader: CustomInput['openReader'] = (clock, mark) => {
      expectPositions(mark, 'batches', stream);
      const start: BatchMark = { next: 0, ...(mark as BatchMark | undefined), by: 'batches' };
      return new BatchSourceReader(source, stream, clock, retries, start);
    };
    return { ...entry, rereads: true, openReader };
  }
  const { opening, rereads } = openingOf(checked, label, source, retries, stream);
  const isFunction = typeof source === 'function';
  const positions = isFunction && offset !== undefined ? 'offsets' : 'ordinals';
  return {
    ...entry,
    rereads,
    onlyOnce: !rereads,
    openReader(clock, mark) {
      // An iterable is always passed over by ordinals; its offsets are only checked.
      expectPositions(mark, positions, stream, isFunction ? undefined : 'offsets');
      const start = (mark as SourceMark | undefined) ?? { next: 0 };
      return new IteratorReader(opening(), new ValuesBuffer(stream, offset, start), clock, start);
    },
  };
}

function isBatchSource(source: unknown): source is BatchSource<AnyIterable<unknown>, any> {
  return isObject(source) && typeof (source as { read?: unknown }).read === 'function' && !isIterable(source);
}

function isIterable(value: object): value is Iterable<unknown> | AsyncIterable<unknown> {
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function openingOf(
  checked: BrokerOptions,
  label: string,
  source: unknown,
  retries: SourceRetries | undefined,
  stream: { readonly message: string; readonly stream: string },
): { opening: () => Opening; rereads: boolean } {
  if (typeof source === 'function') {
    const open: Opening['open'] = (request) => (source as SourceFunction<unknown>)(request);
    return { opening: () => ({ open, fromBeginning: false, retries }), rereads: true };
  }
  if (!isObject(source) || !isIterable(source)) {
    const expected =
      'an iterable, an async iterable, a function that returns one, every(…), or a batch source { read }';
    checked.refuse(capitalized(label), expected, source);
  }
  const iterable = source;
  const rereads = canBeginAgain(iterable);
  let isOpened = false;
  const opening = (): Opening => {
    if (isOpened && !rereads) {
      const advice = 'Give a function that makes the iterable, or make a new broker.';
      throw sourceBroke(
        { ...stream, position: 0 },
        'an iterable that can start over',
        'a generator that was read before',
        advice,
      );
    }
    isOpened = true;
    return { open: () => iterable, fromBeginning: true, retries: undefined };
  };
  return { opening, rereads };
}

/**
 * Returns whether an iterable can be iterated again: not one that is its own iterator, like a generator, nor a stream
 * of Node or the web.
 */
function canBeginAgain(iterable: object): boolean {
  return !('next' in iterable) && !('pipe' in iterable) && !('getReader' in iterable);
}

const known = ['offset', 'deserializer', 'retries', 'missed'];

function checkOptions(checked: BrokerOptions, label: string, source: unknown, options: Options): void {
  const refuse = (name: string, expected: string, value: unknown): never =>
    checked.refuse(`The option '${name}' of ${label}`, expected, value);
  const { offset, retries, missed } = options;
  if (offset !== undefined) {
    if (typeof offset !== 'function') refuse('offset', 'a function (value) => JSON', offset);
    if (source instanceof Timer || isBatchSource(source)) {
      refuse(
        'offset',
        'a function or an iterable as the source: others define their positions themselves',
        'another source',
      );
    }
  }
  if (missed !== undefined) {
    if (missed !== 'all' && missed !== 'last') refuse('missed', "'all' or 'last'", missed);
    if (!(source instanceof Timer)) refuse('missed', 'a timer as the source', 'another source');
  }
  if (retries === undefined) return;
  if (!areRetries(retries)) refuse('retries', retriesExpected, retries);
  checked.checkNames(`The option 'retries' of ${label}`, retries, ['max', 'delayMs']);
  if (typeof source !== 'function' && !isBatchSource(source)) {
    refuse('retries', 'a function or a batch source, which can be called again', 'another source');
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
