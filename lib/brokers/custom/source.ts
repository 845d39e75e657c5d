import type { MessageClass } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import type { Deserializer, EndOfStream, Init } from '../../messages/index.js';
import type { Timer } from './timer.js';

/** What a function source is called with. */
export interface SourceRequest<O = any> {
  /** The offset of the last processed element: continue after it. Undefined: start at the beginning. */
  readonly after: O | undefined;
  /** Aborted when the mill ends, whatever the reason, before the iterator is closed. */
  readonly signal: AbortSignal;
}

/** What a batch source is asked for. */
export interface BatchRequest<O = any> extends SourceRequest<O> {
  /** If given, exactly what follows `after` up to here is requested: a batch that was read before. */
  readonly to: O | undefined;
}

/** The elements after the requested offset, up to `to`. */
export interface SourceBatch<out T, out O> {
  readonly data: T;
  /** The offset after the last of it: any JSON. It must come after `after`, and equal `to` if that was requested. */
  readonly to: O;
}

/**
 * A source that returns what has come so far, batch by batch, and the same again when it is asked for the same bounds:
 * pages of a table, objects of a bucket, files of a folder.
 */
export interface BatchSource<out T, in out O> {
  /** The elements after `after`; undefined if there are none yet. Never two reads at once. */
  read(request: BatchRequest<O>): SourceBatch<T, O> | undefined | Promise<SourceBatch<T, O> | undefined>;
}

/** Some elements, or elements as they come. */
export type AnyIterable<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** A function that returns the elements after an offset. It is called again for each run, and after errors as `retries` says. */
export type SourceFunction<T> = (request: SourceRequest) => AnyIterable<T> | Promise<AnyIterable<T>>;

/** Where the elements of a stream come from. */
export type CustomSource<T> = AnyIterable<T> | SourceFunction<T> | Timer<T> | BatchSource<AnyIterable<T>, any>;

/** How often a source is called again after it failed. Default: never, its error fails the mill. */
export interface SourceRetries {
  /** How many times in a row, or Infinity; an element that came restarts the count. */
  readonly max: number;
  /** The pause before each, on the mill's clock. Milliseconds; default: 1,000. */
  readonly delayMs?: number;
}

/** The third member of a source's entry. */
export interface SourceOptions {
  /**
   * What the source calls the place after this value: any JSON, a different one for each value. The last of them is `after`
   * when a run continues; an iterable, which is read again from its beginning, must have it at the same place. Default: the ordinal of the value, from 0 on.
   */
  readonly offset?: (value: any) => Json;
  /** Of functions and batch sources. */
  readonly retries?: SourceRetries;
  /** Of timers: see `every`. */
  readonly missed?: 'all' | 'last';
  readonly deserializer?: undefined;
}

/** The same where the values are not elements yet. */
export interface RawSourceOptions<T> extends Omit<SourceOptions, 'deserializer'> {
  readonly deserializer: Deserializer<T>;
}

type Value<T> = T | Init<T> | EndOfStream;

/** A class and where its elements come from; each entry is checked by itself. */
export type SourceEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], source: CustomSource<Value<InstanceType<C[I]>>>]
    | readonly [message: C[I], source: CustomSource<Value<InstanceType<C[I]>>>, options: SourceOptions]
    | readonly [message: C[I], source: CustomSource<any>, options: RawSourceOptions<InstanceType<C[I]>>];
};
