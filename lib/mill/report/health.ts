import type { EndReason } from './end-reason.js';
import type { Waiting } from './waiting.js';

/** The health of a mill, for probes. */
export interface Health {
  /** The mill is running and connected to its brokers, no lane is restoring its tables, and it is not about to end. */
  readonly ready: boolean;
  /** The mill has not failed, and no lane is stuck. */
  readonly healthy: boolean;
  /** One per lane that was opened, and one per lane that is restoring its tables. */
  readonly lanes: readonly LaneHealth[];
}

/** The health of one lane. */
export interface LaneHealth {
  /** The name of the lane: the number of a partition; `0` if there is one lane. */
  readonly lane: string;
  /** False if it has made no progress for at least `stuckAfterMs` although it could. */
  readonly healthy: boolean;
  /** Undefined while the lane is running. */
  readonly ended: EndReason | undefined;
  /** What the lane waits for; undefined while it works. */
  readonly waiting: Waiting | undefined;
  /** Only while the lane is restoring its tables, before its first call. */
  readonly restoring?: Restoring;
}

/** The progress of a lane that restores its tables, one after another. */
export interface Restoring {
  readonly table: string;
  /** The number of changes of this table read so far. */
  readonly read: number;
  /** The approximate number of changes of this table left to read; undefined if the broker does not know. */
  readonly left: number | undefined;
}

/** When a lane counts as stuck. */
export interface HealthOptions {
  /**
   * After this long in one call of the process function, in one write or commit, or with `maxOpen` unsaved calls; or
   * without a message from a stream although the broker knows that there are more. Milliseconds. Default: 60,000.
   */
  readonly stuckAfterMs?: number;
}
