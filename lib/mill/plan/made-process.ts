import type { MessageClass } from '../../base/class.js';
import type { TableClass } from '../../tables/make-table.js';

/**
 * A process that is instantiated for each run, and within it for each lane: it may open resources, and keep state per
 * lane.
 */
export interface MadeProcess {
  /** Its name in errors and in `explain()`. */
  readonly name: string;
  /** Its steps, for `explain()`. */
  readonly lines: readonly string[];
  /** The uses of the wall clock that affect its results. */
  readonly clockUses: readonly string[];
  /** Its lanes may hold back results of their calls. */
  readonly holdsBack: boolean;
  /** Why it must not run on several lanes, with what to do; undefined if it may. */
  readonly oneLane: ((lanes: string) => string) | undefined;
  /** The result classes whose elements with equal keys must be in the same partition, with the key of an element. */
  readonly keys?: ReadonlyMap<MessageClass<any>, (element: any) => unknown>;
  /** The code that declares the classes with these names as its results, for errors. */
  emitsWith(names: string): string;
  /** Another process of the same flow writes the stream that it reads. Default: false. */
  readonly readsStage?: boolean;
  /** `reads`: the classes of the elements that it is called with. */
  open(reads: readonly MessageClass<any>[]): OpenProcess | Promise<OpenProcess>;
}

/** A process of one run. */
export interface OpenProcess {
  forLane(lane: LaneOfProcess): LaneProcess;
  /** Releases its resources; may be called more than once. */
  close(): Promise<void>;
}

/** The context of a lane. */
export interface LaneOfProcess {
  readonly name: string;
  readonly now: () => number;
  /** The lane's instance of a table that the process injects. */
  tableOf(table: TableClass<any, any>): object;
}

/** A process in one lane. */
export interface LaneProcess {
  readonly fn: Function;
  /** Called when the streams have ended, instead of the plan's function. */
  readonly atEnd?: () => unknown;
  /**
   * Returns whether the results of the calls so far must not be written yet: a restart would not produce the rest of
   * them.
   */
  readonly isHolding?: () => boolean;
  /** Called if the call in progress has failed: undoes its changes. */
  readonly callFailed?: () => void;
  /** Makes further calls when they are due. */
  readonly timer?: LaneTimer | undefined;
  /** Returns the counts of its steps. */
  readonly counts?: () => readonly StepCounts[];
}

export interface LaneTimer {
  /** Undefined if nothing is due. */
  deadline(): number | undefined;
  /** Returns the result of the due calls, like a call. */
  ring(): unknown;
}

/** The counts of a stateful step. */
export interface StepCounts {
  readonly name: string;
  /** The number of values that came too late for all their windows. */
  readonly late: number;
  /** The number of states that are kept and incomplete. */
  readonly kept: number;
}
