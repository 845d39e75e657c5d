import type { MessageClass } from '../base/class.js';
import type { Broker } from '../brokers/broker.js';

/** A stream that a check asks for. */
export interface ConformanceStream {
  /** Its class: `ConformanceReading` or `ConformanceOther`. */
  readonly message: MessageClass<any>;
  /** Plain values, in order; then the stream ends. Classes of one stream have the same array. */
  readonly values: readonly object[];
  /** Data after the values cannot be read at all. Only asked of a harness that says it `breaks`. */
  readonly broken?: boolean;
}

/** What a check works on: a broker over its own data. */
export interface ConformanceSubject {
  readonly broker: Broker;
  /**
   * The broker as a new process would make it over the same data, after the previous one was killed: its connections were
   * not closed. The same object where everything is in memory.
   */
  restart(): Promise<Broker> | Broker;
  /** The results of a class as a reader finds them once they are final: plain values, without the end mark. */
  written(message: MessageClass<any>): Promise<readonly unknown[]> | readonly unknown[];
  /** Whether the results of a class have an end mark (for a file: that it has its final name). */
  ended(message: MessageClass<any>): Promise<boolean> | boolean;
  /** Removes the data. */
  dispose?(): Promise<void> | void;
}

/** Makes brokers over given data, for `brokerConformance`. */
export interface ConformanceHarness {
  /** A fresh broker that reads these streams and writes these classes, over data that no other check sees. */
  make(streams: readonly ConformanceStream[], outputs: readonly MessageClass<any>[]): Promise<ConformanceSubject>;
  /** The harness can make a stream that cannot be read after some place. Default: false. */
  readonly breaks?: boolean;
  /**
   * Values are taken once and are gone when a commit has acknowledged them, as those of a queue or a consumer group; they may
   * come in another order. Then acknowledging is checked in place of reading again. Default: false.
   */
  readonly takesOnce?: boolean;
}
