import type { Clock } from '../../../base/clock.js';
import type { OrderedResults } from '../calls/ordered-results.js';
import type { CommitSchedule } from '../commit/commit-schedule.js';
import type { LaneCommits } from '../commit/lane-commits.js';
import type { LaneWaiting } from './lane-waiting.js';
import type { LaneWatch } from './lane-watch.js';

interface PausedLane {
  readonly results: OrderedResults;
  readonly clock: Clock;
  readonly schedule: CommitSchedule;
  readonly waiting: LaneWaiting;
  readonly watch: LaneWatch;
  readonly commits: LaneCommits;
  readonly isStopped: () => boolean;
}

/** The pauses of a lane with open calls: it waits for calls in progress, or for results to be saved. */
export class PendingSaves {
  constructor(private readonly lane: PausedLane) {}

  /** The number of open calls in the last pause. */
  private open = -1;

  /**
   * Returns the next pause of a lane that must not make another call before some are done, or undefined if it may.
   * Results saved in the meantime are written and committed. There are as many pauses as calls, so this does not wait
   * itself.
   */
  pauseWhile(isFull: () => boolean): Promise<unknown> | undefined {
    const { results, clock, schedule, waiting, watch, commits } = this.lane;
    const pressure = commits.handOverWaiting();
    if (pressure !== undefined) return pressure;
    if (results.hasEnded || !isFull()) {
      watch.savesSince = undefined;
      return undefined;
    }
    const now = clock.now();
    if (this.open !== results.openCalls) watch.savesSince = now;
    watch.savesSince ??= now;
    this.open = results.openCalls;
    return schedule.due(now) ? commits.commit() : waiting.forSaves();
  }

  /** Waits until no call is open or the lane is stopped. No call is open once the process has ended the stream. */
  async untilSaved(): Promise<void> {
    const { results, clock, schedule, waiting, watch, commits, isStopped } = this.lane;
    let open = -1;
    for (;;) {
      const pressure = commits.handOverWaiting();
      if (pressure !== undefined) await pressure;
      if (isStopped() || results.openCalls === 0) break;
      if (open !== results.openCalls) watch.savesSince = clock.now();
      open = results.openCalls;
      await waiting.forSaves();
      if (schedule.due(clock.now())) await commits.commit();
    }
    watch.savesSince = undefined;
  }

  /** Waits until no call is in progress. Results are handed over as far as their order allows. */
  async untilSettled(): Promise<void> {
    const { results, clock, waiting, watch, commits } = this.lane;
    await commits.handOver();
    while (results.pending > 0) {
      watch.savesSince ??= clock.now();
      await waiting.forSaves();
      await commits.handOverWaiting();
    }
    watch.savesSince = undefined;
  }
}
