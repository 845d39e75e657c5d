import type { MessageClass } from '../../base/class.js';
import type { TableClass } from '../../tables/make-table.js';

/** A process that is made again for each run, and in it for each lane: it may open something, and keep what a lane has. */
export interface MadeProcess {
  /** What errors and `explain()` call it. */
  readonly name: string;
  /** What its steps are, for `explain()`. */
  readonly lines: readonly string[];
  /** Where its results depend on the wall clock. */
  readonly clockUses: readonly string[];
  /** Its lanes may hold back what their calls gave. */
  readonly holdsBack: boolean;
  /** Why it must not be run on several lanes, with what to do; undefined: it may. */
  readonly oneLane: string | undefined;
  /** The classes of its results that must be written so that equal keys lie together, with the key of an element. */
  readonly keys?: ReadonlyMap<MessageClass<any>, (element: any) => unknown>;
  open(): OpenProcess | Promise<OpenProcess>;
}

/** A process of one run. */
export interface OpenProcess {
  forLane(lane: LaneOfProcess): LaneProcess;
  /** Releases what it has opened; may be called more than once. */
  close(): Promise<void>;
}

/** What a process knows of a lane. */
export interface LaneOfProcess {
  readonly name: string;
  readonly now: () => number;
  /** The lane's instance of a table that the process injects. */
  tableOf(table: TableClass<any, any>): object;
}

/** A process in one lane. */
export interface LaneProcess {
  readonly fn: Function;
  /** Called when the streams have ended, instead of what the plan says. */
  readonly atEnd?: () => unknown;
  /** The results of calls so far must not be written yet: a restart would not produce the rest of them. */
  readonly isHolding?: () => boolean;
  /** The call in progress failed: its changes are forgotten. */
  readonly callFailed?: () => void;
  /** Calls that are made when their time has come. */
  readonly timer?: LaneTimer | undefined;
  /** What steps have counted. */
  readonly counts?: () => readonly StepCounts[];
}

export interface LaneTimer {
  /** Undefined: nothing is due. */
  deadline(): number | undefined;
  /** Returns what a call would return. */
  ring(): unknown;
}

/** What became of values in a step that keeps them. */
export interface StepCounts {
  readonly name: string;
  /** Values that came too late for all their windows. */
  readonly late: number;
  /** The state that is kept and not complete. */
  readonly kept: number;
}
