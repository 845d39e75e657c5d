import type { EndReason } from './end-reason.js';
import type { Waiting } from './waiting.js';

/** What a probe wants to know about a mill. */
export interface Health {
  /** It runs, is connected to its brokers, and is not about to end. */
  readonly ready: boolean;
  /** It has not failed, and no lane is stuck. */
  readonly healthy: boolean;
  /** One per lane that was opened. */
  readonly lanes: readonly LaneHealth[];
}

export interface LaneHealth {
  readonly lane: string;
  /** False: it makes no progress though it could, for at least `stuckAfterMs`. */
  readonly healthy: boolean;
  readonly ended: EndReason | undefined;
  readonly waiting: Waiting | undefined;
}

/** When a lane counts as stuck. */
export interface HealthOptions {
  /**
   * After this long in one call of the process function, in one write or commit, or with `maxOpen` calls that are not saved;
   * or without a message from a stream although the broker knows that there are more. Milliseconds; default: 60,000.
   */
  readonly stuckAfterMs?: number;
}
