import type { MessageClass } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import type { Deserializer, EndOfStream, Init } from '../../messages/index.js';
import type { Timer } from './timer.js';

/** The argument of a function source. */
export interface SourceRequest<O = any> {
  /** The offset of the last processed element: continue after it. Undefined: start at the beginning. */
  readonly after: O | undefined;
  /**
   * Aborted when the mill ends, whatever the reason, before the iterator is closed; that of a batch stream also if
   * another source fails.
   */
  readonly signal: AbortSignal;
}

/** The argument of a batch source. */
export interface BatchRequest<O = any> extends SourceRequest<O> {
  /** If given, exactly the elements after `after` up to here are requested: a batch that was read before. */
  readonly to: O | undefined;
}

/** The elements after the requested offset, up to `to`. */
export interface SourceBatch<out T, out O> {
  readonly data: T;
  /**
   * The offset of the last element: any JSON. It must come after `after`, and equal the requested `to`, if there was
   * one.
   */
  readonly to: O;
}

/**
 * A source that returns the elements available so far, batch by batch, and the same elements again for the same bounds:
 * pages of a table, objects of a bucket, files of a folder.
 */
export interface BatchSource<out T, in out O> {
  /** Returns the elements after `after`; undefined if there are none yet. Reads never overlap. */
  read(request: BatchRequest<O>): SourceBatch<T, O> | undefined | Promise<SourceBatch<T, O> | undefined>;
}

/** Elements, all at once or as they arrive. */
export type AnyIterable<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/**
 * A function that returns the elements after an offset. It is called again for each run and, after errors, by
 * `retries`.
 */
export type SourceFunction<T> = (request: SourceRequest) => AnyIterable<T> | Promise<AnyIterable<T>>;

/** A source of the elements of a stream. */
export type CustomSource<T> = AnyIterable<T> | SourceFunction<T> | Timer<T> | BatchSource<AnyIterable<T>, any>;

/** How often a source is called again after a failure. Default: never; its error fails the mill. */
export interface SourceRetries {
  /** The maximum number of retries in a row, or Infinity. A new element resets the count. */
  readonly max: number;
  /** The pause before each retry, on the mill's clock. Milliseconds. Default: 1,000. */
  readonly delayMs?: number;
}

/** The third member of a source's entry. */
export interface SourceOptions {
  /**
   * Returns the source's own offset of a value: any JSON, different for each value. The offset of the last processed
   * value becomes `after` when a run continues; an iterable, which is read again from its beginning, must have it at
   * the same place. Default: the ordinal of the value, from 0 on.
   */
  readonly offset?: (value: any) => Json;
  /** For functions and batch sources. Default: none, so the first failure ends the run. */
  readonly retries?: SourceRetries;
  /** For timers: see `every`. */
  readonly missed?: 'all' | 'last';
  /** Makes an element from each value of the source. Default: values are elements, or the fields of one. */
  readonly deserializer?: undefined;
}

/** The options of a source whose values are not elements yet. */
export interface RawSourceOptions<T> extends Omit<SourceOptions, 'deserializer'> {
  /** Makes an element from each value of the source. A value that it refuses is a bad message. */
  readonly deserializer: Deserializer<T>;
}

type Value<T> = T | Init<T> | EndOfStream;

/** Classes and the sources of their elements; each entry is checked separately. */
export type SourceEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], source: CustomSource<Value<InstanceType<C[I]>>>]
    | readonly [message: C[I], source: CustomSource<Value<InstanceType<C[I]>>>, options: SourceOptions]
    | readonly [message: C[I], source: CustomSource<any>, options: RawSourceOptions<InstanceType<C[I]>>];
};
