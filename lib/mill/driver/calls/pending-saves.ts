import type { Clock } from '../../../base/clock.js';
import type { CommitSchedule } from '../commit/commit-schedule.js';
import type { LaneCommits } from '../commit/lane-commits.js';
import type { LaneWaiting } from '../time/lane-waiting.js';
import type { LaneWatch } from '../time/lane-watch.js';
import type { HeldResults } from './held-results.js';

interface PausedLane {
  readonly results: HeldResults;
  readonly clock: Clock;
  readonly schedule: CommitSchedule;
  readonly waiting: LaneWaiting;
  readonly watch: LaneWatch;
  readonly commits: LaneCommits;
  readonly isStopped: () => boolean;
}

/** The pauses of a lane whose results come later: it waits for calls in progress, or until results are saved. */
export class PendingSaves {
  constructor(private readonly lane: PausedLane) {}

  /** What is saved meanwhile is written and committed. It also ends when the lane is stopped, or its process ends the stream. */
  async until(isEnough: () => boolean): Promise<void> {
    const { results, clock, schedule, waiting, watch, commits, isStopped } = this.lane;
    let open = -1;
    for (;;) {
      await commits.handOver();
      if (isStopped() || results.hasEnded || isEnough()) break;
      if (open !== results.openCalls) watch.savesSince = clock.now();
      open = results.openCalls;
      await waiting.forSaves();
      if (schedule.due(clock.now())) await commits.commit();
    }
    watch.savesSince = undefined;
  }

  /** Until no call is in progress; what they give is handed over as far as it is in their order. */
  async untilSettled(): Promise<void> {
    const { results, clock, waiting, watch, commits } = this.lane;
    await commits.handOver();
    while (results.pending > 0) {
      watch.savesSince ??= clock.now();
      await waiting.forSaves();
      await commits.handOver();
    }
    watch.savesSince = undefined;
  }
}
