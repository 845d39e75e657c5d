import type { MessageClass } from '../../base/class.js';
import type { Serializer } from '../../messages/index.js';

/** The identity of a batch, as passed to a batch sink. */
export interface SinkBatch {
  /**
   * Unchanged when the batch is repeated, with the same elements: what was written under it need not be written again.
   */
  readonly id: string;
  /** The lane of the results: the number of a partition; `0` if there is one lane. */
  readonly lane: string;
}

/** A sink that gets a batch at a time. */
export interface BatchSink<in T> {
  /**
   * Called with at least one element, and awaited: with `progress`, when the commit that covers them is made. A batch
   * is repeated, with its `id`, after a crash before it was done.
   */
  readonly write: (elements: readonly T[], batch: SinkBatch) => unknown;
  /** Called when the stream has ended, in all lanes: at least once, also after a crash. Awaited. */
  readonly end?: () => unknown;
}

/**
 * A Writable of Node: each element is written as a line of JSON. It is ended with the stream, except stdout and stderr.
 */
export interface LineSink {
  readonly writableObjectMode: boolean;
  cork(): void;
  end(): unknown;
}

/** A destination for the results of a class. */
export type CustomSink<T> = ((element: T) => unknown) | BatchSink<T> | LineSink;

/** Classes and the sinks of their results; each entry is checked separately. */
export type SinkEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], sink: CustomSink<InstanceType<C[I]>>]
    | readonly [message: C[I], sink: LineSink, options: { readonly serializer: Serializer<InstanceType<C[I]>> }];
};
