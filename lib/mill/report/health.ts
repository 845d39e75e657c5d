import type { EndReason } from './end-reason.js';
import type { Waiting } from './waiting.js';

/** What a probe wants to know about a mill. */
export interface Health {
  /** It runs, is connected to its brokers, no lane is restoring its tables, and it is not about to end. */
  readonly ready: boolean;
  /** It has not failed, and no lane is stuck. */
  readonly healthy: boolean;
  /** One per lane that was opened, and one per lane that is restoring its tables. */
  readonly lanes: readonly LaneHealth[];
}

export interface LaneHealth {
  readonly lane: string;
  /** False: it makes no progress though it could, for at least `stuckAfterMs`. */
  readonly healthy: boolean;
  readonly ended: EndReason | undefined;
  readonly waiting: Waiting | undefined;
  /** Only while the lane is restoring its tables, before its first call. */
  readonly restoring?: Restoring;
}

/** How far a lane has come with restoring its tables, which it does one after the other. */
export interface Restoring {
  readonly table: string;
  /** Changes of this table that were read so far. */
  readonly read: number;
  /** Changes of this table that are still to be read, about; undefined if the broker does not know. */
  readonly left: number | undefined;
}

/** When a lane counts as stuck. */
export interface HealthOptions {
  /**
   * After this long in one call of the process function, in one write or commit, or with `maxOpen` calls that are not saved;
   * or without a message from a stream although the broker knows that there are more. Milliseconds; default: 60,000.
   */
  readonly stuckAfterMs?: number;
}
