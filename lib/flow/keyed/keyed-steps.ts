import type { MessageClass } from '../../base/class.js';
import type { TableClass } from '../../tables/make-table.js';
import type { FlowWindowDescription } from './flow-window.js';
import type { OpenAtEnd } from './keyed-types.js';

type StateFunction = (...args: any[]) => any;

/** The description of a step with state per key. */
export type KeyedStep =
  | {
      readonly what: 'reduce';
      readonly name: string;
      readonly table: TableClass<any, any>;
      readonly state: MessageClass<any>;
      readonly first: StateFunction | undefined;
      readonly add: StateFunction;
      readonly complete: StateFunction;
      readonly atEnd: OpenAtEnd;
    }
  | {
      readonly what: 'statefulMap';
      readonly name: string;
      readonly table: TableClass<any, any>;
      readonly state: MessageClass<any>;
      readonly initial: StateFunction;
      readonly next: StateFunction;
    }
  | WindowStepDescription
  | {
      readonly what: 'keyedBatch';
      readonly name: string;
      readonly table: TableClass<any, any>;
      readonly size: number;
      readonly timeoutMs: number | undefined;
    };

/** The description of a step with windows per key. */
export interface WindowStepDescription {
  readonly what: 'window';
  readonly name: string;
  readonly table: TableClass<any, any>;
  readonly window: FlowWindowDescription;
  readonly at: StateFunction;
  readonly wait: number | bigint | undefined;
  readonly late: MessageClass<any> | undefined;
  /** How values are folded into an accumulator; undefined if they are collected. */
  readonly fold: WindowFold | undefined;
}

export interface WindowFold {
  readonly state: MessageClass<any>;
  /**
   * Creates the accumulator from the first value and the key; undefined if `initial` creates it and the first value is
   * added.
   */
  readonly first: StateFunction | undefined;
  readonly initial: StateFunction | undefined;
  readonly add: StateFunction;
}
