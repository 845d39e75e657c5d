import type { MessageClass } from '../base/class.js';
import type { Broker } from '../brokers/broker.js';

/** A stream that a check needs. */
export interface ConformanceStream {
  /** Its class: `ConformanceReading` or `ConformanceOther`. */
  readonly message: MessageClass<any>;
  /** Plain values, in order; then the stream ends. Classes of the same stream have the same array. */
  readonly values: readonly object[];
  /** The data after the values is unreadable. Only for a harness with `breaks`. */
  readonly broken?: boolean;
}

/** The subject of a check: a broker with its own data. */
export interface ConformanceSubject {
  readonly broker: Broker;
  /**
   * The broker as a new process would create it for the same data, after the previous process was killed: its
   * connections were not closed. The same object if everything is in memory.
   */
  restart(): Promise<Broker> | Broker;
  /** The final results of a class as a reader sees them: plain values, without the end mark. */
  written(message: MessageClass<any>): Promise<readonly unknown[]> | readonly unknown[];
  /** Returns whether the results of a class have an end mark (for a file: its final name). */
  ended(message: MessageClass<any>): Promise<boolean> | boolean;
  /** Removes the data. */
  dispose?(): Promise<void> | void;
}

/** Makes brokers for given data, for `brokerConformance`. */
export interface ConformanceHarness {
  /**
   * Makes a new broker that reads these streams and writes these classes, with data that no other check sees. If it keeps
   * tables, it must have a place for one with the name `conformance`.
   */
  make(streams: readonly ConformanceStream[], outputs: readonly MessageClass<any>[]): Promise<ConformanceSubject>;
  /** The harness can make a stream that is unreadable after some place. Default: false. */
  readonly breaks?: boolean;
  /**
   * Values are taken once, and are gone when a commit has acknowledged them, like those of a queue or a consumer group;
   * their order may change. Then acknowledgement is checked instead of rereading. Default: false.
   */
  readonly takesOnce?: boolean;
}
