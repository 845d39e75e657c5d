import type { MessageClass } from '../../base/class.js';
import type { Serializer } from '../../messages/index.js';

/** What a batch sink gets to know about a batch. */
export interface SinkBatch {
  /** The same when the batch is repeated, with the same elements: what was written under it need not be written again. */
  readonly id: string;
  /** The lane whose results these are: a partition's number; `0` where there is one lane. */
  readonly lane: string;
}

/** A sink that takes a batch at a time. */
export interface BatchSink<in T> {
  /** Called with at least one element; awaited. A batch comes again, with its `id`, after a crash before it was done. */
  readonly write: (elements: readonly T[], batch: SinkBatch) => unknown;
  /** The stream has ended: at least once, also after a crash; awaited. */
  readonly end?: () => unknown;
}

/** A Writable of Node's: each element is a line of JSON. It is ended with the stream, except stdout and stderr. */
export interface LineSink {
  readonly writableObjectMode: boolean;
  cork(): void;
  end(): unknown;
}

/** Where the results of a class go. */
export type CustomSink<T> = ((element: T) => unknown) | BatchSink<T> | LineSink;

/** A class and where its results go; each entry is checked by itself. */
export type SinkEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], sink: CustomSink<InstanceType<C[I]>>]
    | readonly [message: C[I], sink: LineSink, options: { readonly serializer: Serializer<InstanceType<C[I]>> }];
};
