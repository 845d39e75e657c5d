import { isWaterMillError } from '../../base/watermill-error.js';
import type { CallsAnswer, LateAnswer } from '../lane/answer.js';
import type { LaneMachine } from '../lane/lane-machine.js';
import type { PlanNode } from '../plan/plan.js';
import type { EndReason } from '../report/end-reason.js';
import type { LaneCalls, WatchCalls } from '../report/lane-calls.js';
import type { ProcessCalls } from './calls/process-calls.js';
import type { CommitSchedule } from './commit/commit-schedule.js';
import type { LaneCommits } from './commit/lane-commits.js';
import type { LaterCalls } from './commit/later-calls.js';
import type { LaneInputs } from './input/lane-inputs.js';
import type { LaneContext } from './lane-context.js';
import type { CallResults } from './results/call-results.js';
import { violationError, where, writingUncalled } from './results/lane-errors.js';
import { asLate } from './results/late-output.js';
import { EventLoopTurns } from './time/event-loop.js';
import type { LaneWaiting } from './time/lane-waiting.js';
import type { LaneWatch } from './time/lane-watch.js';
import { PendingSaves } from './time/pending-saves.js';

/** An async call may take long, so the clock is checked more often. */
const ASYNC_CALL_WEIGHT = 8;

interface LoopParts {
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly calls: ProcessCalls;
  /** Only if calls complete later. */
  readonly later: LaterCalls | undefined;
  /** The destination of late elements. */
  readonly results: CallResults;
  readonly commits: LaneCommits;
  readonly schedule: CommitSchedule;
  readonly waiting: LaneWaiting;
  readonly watch: LaneWatch;
  /** It is unknown what was written, so nothing more is. */
  readonly isBroken: () => boolean;
}

/** The loop of one lane: asks the machine for its next answer, makes the calls, and feeds it, until it is over. */
export class LaneLoop {
  ended: EndReason | undefined;
  /** The node whose end ended the lane. */
  because: number | undefined;
  /** The lane is running right now: the current code was called by it. */
  isWorking = false;
  stopReason: 'stopped' | 'revoked' | undefined;
  private isEndedByProcess = false;
  private readonly context: LaneContext;
  private readonly lane: LaneMachine;
  private readonly inputs: LaneInputs;
  private readonly calls: ProcessCalls;
  /** `calls`, wrapped by `watchCalls`. */
  private made: LaneCalls;
  private readonly later: LaterCalls | undefined;
  private readonly saves: PendingSaves | undefined;
  private readonly results: CallResults;
  private readonly commits: LaneCommits;
  private readonly schedule: CommitSchedule;
  private readonly waiting: LaneWaiting;
  private readonly watch: LaneWatch;
  private readonly isBroken: () => boolean;
  private readonly turns = new EventLoopTurns();

  constructor(parts: LoopParts) {
    const { context, calls, later, commits, schedule, waiting, watch } = parts;
    this.context = context;
    this.lane = parts.lane;
    this.inputs = parts.inputs;
    this.calls = calls;
    this.made = calls;
    this.later = later;
    this.results = parts.results;
    this.commits = commits;
    this.schedule = schedule;
    this.waiting = waiting;
    this.watch = watch;
    this.isBroken = parts.isBroken;
    if (later !== undefined) {
      const { results } = later;
      const isStopped = () => this.stopReason !== undefined;
      this.saves = new PendingSaves({ results, clock: context.clock, schedule, waiting, watch, commits, isStopped });
    }
  }

  watchCalls(watch: WatchCalls): void {
    this.made = watch(this.made);
  }

  /** Resolves when the lane has ended or was stopped, and the open calls are done as far as that requires. */
  async run(): Promise<void> {
    await this.untilDone();
    await this.untilSaved();
  }

  /**
   * Runs the loop. A failure between calls is thrown after the calls in progress, which may fail first. A failed call
   * that ends the lane is thrown immediately.
   */
  private async untilDone(): Promise<void> {
    try {
      await this.loop();
    } catch (error) {
      if (this.calls.isFailing) throw error;
      if (!this.isBroken() && isWaterMillError(error)) await this.saves?.untilSettled();
      throw error;
    }
  }

  private async loop(): Promise<void> {
    for (;;) {
      const pause = this.working(() => this.work());
      if (pause === undefined) return;
      await pause;
    }
  }

  /** Does something during which all code counts as called by the lane. */
  working<T>(work: () => T): T {
    this.isWorking = true;
    try {
      return work();
    } finally {
      this.isWorking = false;
    }
  }

  /** Runs as far as possible without waiting. Returns the promise to wait for, or undefined when the lane is over. */
  private work(): Promise<unknown> | undefined {
    while (this.stopReason === undefined || this.isEndedByProcess) {
      if (this.later?.results.hasEnded) {
        this.endByProcess();
      } else if (this.later?.isFull && !this.isEndedByProcess) {
        const full = this.saves?.pauseWhile(this.isFull);
        if (full !== undefined) return full;
        continue;
      }
      const answer = this.lane.next();
      let pause: Promise<unknown> | undefined;
      switch (answer.what) {
        case 'call':
          if (answer.forced) this.inputs.lags?.forced(answer.from);
          pause = this.called(this.made.call(answer));
          break;
        case 'calls':
          pause = this.makeCalls(answer);
          break;
        case 'unmatched':
          pause = this.called(this.made.unmatched(answer));
          break;
        case 'late':
          this.late(answer);
          break;
        case 'need':
          pause = this.supply(answer.nodes);
          break;
        case 'violation':
          throw violationError(answer, this.nodeAt(answer.node));
        case 'done':
          this.done(answer.because);
          return undefined;
        default:
          answer satisfies never;
      }
      if (pause !== undefined) return pause;
    }
    this.ended = this.stopReason;
    return undefined;
  }

  private makeCalls(several: CallsAnswer): Promise<unknown> | undefined {
    const before = several.done;
    const ended = this.made.several(several);
    return this.called(ended, several.done - before);
  }

  private called(ended: boolean | Promise<boolean>, weight = 1): Promise<unknown> | undefined {
    this.watch.isInCall = typeof ended !== 'boolean';
    if (typeof ended !== 'boolean') {
      this.lane.limit(1);
      return ended.then((isEnd) => this.called(isEnd, ASYNC_CALL_WEIGHT));
    }
    // Before the checkpoint after the call, which otherwise said that the stream continues.
    if (ended) this.endByProcess();
    this.later?.callEnded();
    if (ended || this.later?.isFull) return undefined;
    return this.turns.step(weight) ? this.maintainMidway() : undefined;
  }

  private readonly isFull = (): boolean => this.later?.isFull === true;

  /**
   * Ends the lane. From here on its vector says that it is over, which must not be committed before the end of the
   * outputs.
   */
  private endByProcess(): void {
    this.lane.stop('process');
    this.isEndedByProcess = true;
  }

  private late(answer: LateAnswer): void {
    const node = this.nodeAt(answer.node);
    const { late } = node;
    const output = late === undefined ? undefined : this.context.plan.outputs[late];
    if (late === undefined || output === undefined) return;
    const write = () => this.results.emit(late, asLate(output.message, answer.element));
    writingUncalled(write, `the late ${where(node, answer.position)}`, node, answer.position);
  }

  private done(because: number | undefined): void {
    this.checkLags();
    this.because = because;
    if (because === undefined) this.ended = 'process';
    else if (this.inputs.feeds[because]?.timedOut) this.ended = 'timeout';
    else this.ended = because === 0 ? 'master ended' : 'no further match';
  }

  /**
   * Supplies the lane with more of one of these nodes. Batches change hands only here, and only here the lane may have
   * to wait.
   */
  private supply(nodes: readonly number[]): Promise<unknown> | undefined {
    const { schedule } = this;
    const pressure = this.commits.handOver();
    if (pressure !== undefined) return pressure;
    if (this.later?.results.hasEnded) return undefined;
    if (this.turns.step() || schedule.allowance <= 0) {
      const pause = this.maintain();
      if (pause !== undefined) return pause;
    }
    if (this.waiting.windowClosed(nodes)) return undefined;
    if (this.waiting.isTimeOfStep) return this.ring();
    const given = this.inputs.supply(this.lane, nodes, schedule.allowance);
    if (given === false) return this.wait(nodes);
    if (given !== true) return given;
    schedule.advance(this.inputs.masterFed);
    this.waiting.fed(this.inputs.masterFed);
    this.checkLags();
    return undefined;
  }

  /** Makes the calls of a step whose timer is due. */
  private ring(): Promise<unknown> | undefined {
    const { timer } = this.context.process.own ?? {};
    this.schedule.advance(0);
    return this.called(timer === undefined ? false : this.calls.ring(() => timer.ring()));
  }

  /** Checks for lagging streams. Reports make a commit due, so that they are not repeated. */
  private checkLags(): void {
    if (this.inputs.lags?.check()) this.schedule.advance(0);
  }

  private async wait(nodes: readonly number[]): Promise<void> {
    const { schedule } = this;
    if (this.inputs.lags !== undefined) {
      schedule.advance(this.inputs.readAhead(this.lane, schedule.allowance));
      this.checkLags();
    }
    if (this.inputs.awaitsCommit) return this.commitForReader();
    if (this.inputs.isFinishing && !this.inputs.mayGiveMore) {
      this.stopReason ??= 'stopped';
      return;
    }
    this.watch.waits(nodes);
    await this.waiting.forMore(nodes);
    this.watch.continues();
    if (schedule.due(this.context.clock.now())) await this.commits.commit();
  }

  /** Commits for a reader that returns more only then. Open calls are completed first. */
  private async commitForReader(): Promise<void> {
    await (this.saves?.untilSaved() ?? this.commits.handOver());
    await this.commits.commit();
  }

  /** Waits for open calls: all of them if the lane has ended, only those in progress if it is stopped. */
  private async untilSaved(): Promise<void> {
    const { later } = this;
    if (later === undefined) return;
    if (this.ended !== 'stopped' && this.ended !== 'revoked') {
      await this.saves?.untilSaved();
      if (later.results.openCalls > 0) this.ended = this.stopReason;
    }
    await this.saves?.untilSettled();
    // A call that ended the stream counts, even if the lane was stopped while earlier calls were in progress.
    const isEnded = later.results.hasEnded || (this.isEndedByProcess && later.results.openCalls === 0);
    if (!isEnded) return;
    this.because = undefined;
    this.ended = 'process';
  }

  /** Periodic work: lets the event loop run, commits positions, and hands over results. */
  private maintain(): Promise<unknown> | undefined {
    const turn = this.turns.turn();
    if (turn !== undefined) return turn;
    return this.schedule.due(this.context.clock.now()) ? this.commits.commit() : this.commits.handOver();
  }

  /** Periodic work in the middle of the fed elements: a commit becomes due for the results of the rest, too. */
  private maintainMidway(): Promise<unknown> | undefined {
    return this.maintain()?.then(() => this.schedule.advance(0));
  }

  private nodeAt(index: number): PlanNode {
    return this.context.plan.nodes[index] as PlanNode;
  }
}
