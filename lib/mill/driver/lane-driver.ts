import { isWaterMillError } from '../../base/watermill-error.js';
import { brokerError } from '../../brokers/broker-failed.js';
import type { LaneMachine } from '../lane/lane-machine.js';
import { asksFor } from '../plan/find/call-values.js';
import type { LaneHealth } from '../report/health.js';
import type { WatchCalls } from '../report/lane-calls.js';
import type { LaneState } from '../report/lane-state.js';
import type { Waiting } from '../report/waiting.js';
import { ProcessCalls } from './calls/process-calls.js';
import type { Committer } from './commit/committer.js';
import { LaneCommits } from './commit/lane-commits.js';
import { LaterCalls } from './commit/later-calls.js';
import type { LaneInputs } from './input/lane-inputs.js';
import type { Origins } from './input/origins.js';
import type { LaneContext } from './lane-context.js';
import { LaneLoop } from './lane-loop.js';
import { nodeStates } from './node-states.js';
import { keyError, withLine, withSentence } from './results/lane-errors.js';
import type { LaneTables } from './tables/lane-tables.js';
import { LaneWaiting } from './time/lane-waiting.js';
import { LaneWatch } from './time/lane-watch.js';
import type { Wakeup } from './time/wakeup.js';

/** The parts of a lane, all of them open. */
export interface LaneParts {
  readonly name: string;
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  readonly wakeup: Wakeup;
  readonly tables: LaneTables | undefined;
  /** By node, if the process asks for the origin of elements. */
  readonly origins: readonly (Origins | undefined)[];
}

/**
 * Drives one lane from its first answer to its last commit: runs its loop, commits what is valid if the loop fails, and
 * closes what was opened.
 */
export class LaneDriver {
  /** Everything that was opened is closed. */
  private isOver = false;
  /** The location of the results of a lane that did not end. */
  private partialResults: string | undefined;
  private readonly context: LaneContext;
  private readonly lane: LaneMachine;
  private readonly inputs: LaneInputs;
  private readonly committer: Committer;
  private readonly wakeup: Wakeup;
  private readonly waiting: LaneWaiting;
  private readonly tables: LaneTables | undefined;
  private readonly calls: ProcessCalls;
  /** Only if calls may complete later: the process takes a DataKey, has a concurrency, or holds results back. */
  private readonly later: LaterCalls | undefined;
  private readonly commits: LaneCommits;
  /** Reports what the lane is waiting for. */
  private readonly watch: LaneWatch;
  private readonly loop: LaneLoop;

  constructor({ name, context, lane, inputs, committer, wakeup, tables, origins }: LaneParts) {
    this.context = context;
    this.lane = lane;
    this.inputs = inputs;
    this.committer = committer;
    this.wakeup = wakeup;
    this.tables = tables;
    const { process } = context.plan;
    if (asksFor(process, 'dataKey') || process.concurrency > 1 || process.made?.holdsBack)
      this.later = new LaterCalls({ context, lane, inputs, committer, wake: wakeup.wake });
    const { later } = this;
    const { schedule } = committer;
    const results = later?.results ?? committer.results;
    inputs.emit = results.emit;
    const calls = new ProcessCalls(context, name, committer.results, later?.results, origins, tables);
    this.calls = calls;
    this.commits = new LaneCommits({ lane, inputs, committer, later });
    this.watch = new LaneWatch({ name, context, lane, inputs, committer, calls, held: later?.results });
    const { commits, watch } = this;
    const pendingCalls = () => this.pendingCalls;
    this.waiting = new LaneWaiting({ context, lane, inputs, schedule, calls, wakeup, pendingCalls });
    const isBroken = () => committer.broken;
    const { waiting } = this;
    const ofLoop = { context, lane, inputs, calls, later, results, commits, schedule, waiting, watch, isBroken };
    this.loop = new LaneLoop(ofLoop);
    // If calls are made one by one, nothing is gained by being ahead of them.
    if (context.process.isAsync || later !== undefined || asksFor(process, 'origin')) lane.limit(1);
  }

  /** Ends the lane after the current element, or after all values of readers that cannot take values back. */
  stop(reason: 'stopped' | 'revoked'): void {
    if (reason === 'stopped' && this.inputs.mustFinish) {
      this.inputs.isFinishing = true;
      this.wakeup.wake();
      return;
    }
    this.loop.stopReason ??= reason;
    this.calls.isStopped = true;
    this.wakeup.wake();
  }

  /**
   * Resolves when the lane is over and everything that it opened is closed. `onFailure` is called before that if it
   * fails: when the results before the failure are committed, or it turns out that another process has the lane.
   */
  async run(onFailure: () => void): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.loop.run();
      await this.finish();
    } catch (error) {
      this.watch.isInCall = false;
      if (this.loop.stopReason === 'revoked') this.revokedWhileRunning(error);
      else {
        failure = { error: withLine(keyError(error, this.context.plan.nodes), this.inputs.feeds) };
        await this.commitBefore(failure.error);
        onFailure();
      }
    }
    const closeError = await this.close();
    this.isOver = true;
    if (failure !== undefined) throw this.withPlaceOfResults(failure.error);
    if (closeError !== undefined) throw closeError;
  }

  /** The lane was taken away: its new owner repeats the calls that this process could not complete. */
  private revokedWhileRunning(error: unknown): void {
    this.loop.ended = 'revoked';
    this.context.logger.warn({ err: error }, 'A lane was revoked while it was running');
  }

  watchCalls(watch: WatchCalls): void {
    this.loop.watchCalls(watch);
  }

  get name(): string {
    return this.watch.name;
  }

  /** The lane is running right now: the current code was called by it. */
  get isWorking(): boolean {
    return this.loop.isWorking;
  }

  /** A promise of the process function is pending. */
  get isInCall(): boolean {
    return this.watch.isInCall || this.pendingCalls > 0;
  }

  private get pendingCalls(): number {
    return this.later?.results.pending ?? 0;
  }

  /** The current state of the lane. */
  state(): LaneState {
    const { calls, partialResults } = this;
    const { ended, because } = this.loop;
    return {
      nodes: nodeStates(this.lane, this.inputs, this.watch.waitedMs(this.context.clock.now()), this.isOver),
      calls: calls.calls,
      unmatchedCalls: calls.unmatchedCalls,
      failedCalls: calls.failed,
      forcedCalls: this.lane.forcedCalls,
      openCalls: this.isOver ? 0 : (this.later?.results.openCalls ?? 0),
      inWindows: this.isOver ? 0 : this.lane.stats().inWindows,
      commits: {
        seconds: this.committer.commitSeconds,
        lastAt: this.isOver ? undefined : this.committer.lastCommitAt,
        isBehind: !this.isOver && (this.committer.schedule.isBehind || (this.later?.results.held ?? 0) > 0),
      },
      steps: this.context.process.own?.counts?.() ?? [],
      written: this.isOver ? this.committer.results.safe : this.committer.results.written,
      ended,
      isOver: this.isOver,
      because,
      partialResults,
    };
  }

  /** What the lane is waiting for, if anything. */
  waitsFor(now: number): Waiting | undefined {
    return this.isOver ? undefined : this.watch.waiting(now);
  }

  health(now: number, stuckAfterMs: number): LaneHealth {
    const waiting = this.waitsFor(now);
    return {
      lane: this.name,
      healthy: !this.watch.isStuck(waiting, stuckAfterMs),
      ended: this.loop.ended,
      waiting,
    };
  }

  /** Called if the lane has failed and was taken away, in either order: its tables are no longer visible here. */
  async hideTables(): Promise<void> {
    const notClosed = (err: unknown): void =>
      this.context.logger.warn({ err }, 'A table of a lane that was taken away could not be closed');
    await this.tables?.close(true).catch(notClosed);
  }

  private async finish(): Promise<void> {
    const { ended } = this.loop;
    if (ended === 'revoked' && !this.committer.mayCommit) return;
    if (ended === 'stopped' || ended === 'revoked') {
      await this.commits.commit();
      return this.committer.commitMark();
    }
    if (!this.holdsBack) this.commits.handOverAll();
    if (!(await this.calledAtEnd())) return;
    // The results that the process holds back are completed by the call at the end: if it fails, none of them counts.
    if (this.holdsBack) this.commits.handOverAll();
    await this.commits.finish();
  }

  private get holdsBack(): boolean {
    return this.context.plan.process.made?.holdsBack === true;
  }

  /**
   * Makes the calls at the end of the streams. Returns false if the lane was given to another process in the meantime.
   */
  private async calledAtEnd(): Promise<boolean> {
    const { atEnd } = this.context.process;
    if (atEnd === undefined || this.loop.ended === 'process') return true;
    this.commits.isAtEnd = !this.holdsBack;
    const call = this.loop.working(() => this.calls.atEnd(atEnd));
    this.watch.isInCall = typeof call !== 'boolean';
    await call;
    this.watch.isInCall = false;
    this.commits.isAtEnd = false;
    if (this.loop.stopReason !== 'revoked' || this.committer.mayCommit) return true;
    this.loop.ended = 'revoked';
    return false;
  }

  /**
   * After a failure, writes the results before the element that failed, and commits positions up to it. Not after an
   * unforeseen failure: then the state of the lane cannot be trusted.
   */
  private async commitBefore(error: unknown): Promise<void> {
    if (this.committer.broken || !isWaterMillError(error)) return;
    try {
      if (this.calls.isFailing) this.lane.retract();
      await (this.committer.isRefused ? this.committer.commitHandedOver() : this.commits.commit());
      await this.committer.commitMark();
    } catch (second) {
      this.context.logger.error({ err: second }, 'The results before the failure could not be made durable');
    }
  }

  private async close(): Promise<unknown> {
    this.waiting.close();
    this.later?.results.forget();
    let failure: unknown;
    const note = (name: string) => (error: unknown) => {
      failure ??= brokerError(error, name, 'closing');
      return undefined;
    };
    await this.inputs.close().catch(note(this.context.leader.name));
    const isTaken = this.loop.ended === 'revoked';
    await this.tables?.close(isTaken).catch(note(this.context.leader.name));
    this.partialResults = await this.committer.close(isTaken).catch(note(this.context.writers));
    return failure;
  }

  private withPlaceOfResults(error: unknown): unknown {
    const place = this.partialResults;
    if (place === undefined || !isWaterMillError(error)) return error;
    return withSentence(error, `The results so far are in ${place}.`, { partialResults: place });
  }
}
