import { isWaterMillError } from '../../base/watermill-error.js';
import { brokerError } from '../../brokers/broker-failed.js';
import type { CallsAnswer, LateAnswer } from '../lane/answer.js';
import type { LaneMachine } from '../lane/lane-machine.js';
import { asksFor } from '../plan/find/call-values.js';
import type { PlanNode } from '../plan/plan.js';
import type { EndReason } from '../report/end-reason.js';
import type { LaneHealth } from '../report/health.js';
import type { LaneCalls, WatchCalls } from '../report/lane-calls.js';
import type { LaneState } from '../report/lane-state.js';
import type { Waiting } from '../report/waiting.js';
import { type Checkpoint, checkpointOf } from '../resume/checkpoint.js';
import type { CallResults } from './calls/call-results.js';
import { keyError, violationError, withLine, withSentence } from './calls/failures.js';
import { asLate } from './calls/late.js';
import { LaterCalls } from './calls/later-calls.js';
import { PendingSaves } from './calls/pending-saves.js';
import { ProcessCalls } from './calls/process-calls.js';
import type { LaneOutput } from './commit/lane-output.js';
import type { LaneInputs } from './input/lane-inputs.js';
import type { Origins } from './input/origins.js';
import type { LaneContext } from './lane-context.js';
import { nodeStates } from './node-states.js';
import type { LaneTables } from './tables/lane-tables.js';
import { EventLoopTurns } from './time/event-loop.js';
import { LaneWaiting } from './time/lane-waiting.js';
import { LaneWatch } from './time/lane-watch.js';
import type { Wakeup } from './time/wakeup.js';

/** An async call may take long, so the clock is looked at more often. */
const ASYNC_CALL_WEIGHT = 8;

/** What a lane works with, all of it open. */
export interface LaneParts {
  readonly name: string;
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly output: LaneOutput;
  readonly wakeup: Wakeup;
  readonly tables: LaneTables | undefined;
  /** By node, where the process asks for the origin of elements. */
  readonly origins: readonly (Origins | undefined)[];
}

/** Runs one lane: feeds the machine, makes the calls it answers, writes what they give and commits its vector. */
export class LaneDriver {
  ended: EndReason | undefined;
  /** All that it opened is closed. */
  isOver = false;
  /** It works at this very moment: what runs now was called by it. */
  isWorking = false;
  /** The node whose end ended the lane. */
  because: number | undefined;
  /** Where the results of a lane that was not ended lie. */
  partialResults: string | undefined;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly output: LaneOutput;
  private readonly context: LaneContext;
  private readonly wakeup: Wakeup;
  private readonly tables: LaneTables | undefined;
  readonly calls: ProcessCalls;
  /** The same, with what watches them in front. */
  private made: LaneCalls;
  private stopReason: 'stopped' | 'revoked' | undefined;
  private isEndedByProcess = false;
  /** What is called when the streams have ended is being called. */
  private isAtEnd = false;
  /** All calls are made: the next commit says that the lane has ended. */
  private isFinal = false;
  private readonly turns = new EventLoopTurns();
  private readonly waiting: LaneWaiting;
  /** Where the process takes a DataKey, or several calls may be in progress. */
  private readonly later: LaterCalls | undefined;
  private readonly saves: PendingSaves | undefined;
  private readonly results: CallResults;
  /** Says what the lane waits for. */
  private readonly watch: LaneWatch;

  constructor({ name, context, lane, inputs, output, wakeup, tables, origins }: LaneParts) {
    this.context = context;
    this.lane = lane;
    this.inputs = inputs;
    this.output = output;
    this.wakeup = wakeup;
    this.tables = tables;
    const { process } = context.plan;
    if (asksFor(process, 'dataKey') || process.concurrency > 1 || process.made?.holdsBack)
      this.later = new LaterCalls({ context, lane, inputs, output, wake: wakeup.wake });
    this.results = this.later?.results ?? output.results;
    this.calls = new ProcessCalls(context, name, output.results, this.later?.results, origins, tables);
    const { calls } = this;
    this.made = calls;
    this.watch = new LaneWatch({ name, context, lane, inputs, output, calls, held: this.later?.results });
    this.waiting = new LaneWaiting({ context, lane, inputs, schedule: output.schedule, calls: this.calls, wakeup });
    if (this.later !== undefined) {
      this.saves = new PendingSaves({
        results: this.later.results,
        clock: context.clock,
        schedule: output.schedule,
        waiting: this.waiting,
        watch: this.watch,
        handOver: () => this.handOver(),
        commit: () => this.commit(),
        isStopped: () => this.stopReason !== undefined,
      });
    }
    // Where calls are made one by one, nothing is won by being ahead of them.
    if (context.process.isAsync || this.later !== undefined || asksFor(process, 'origin')) lane.limit(1);
  }

  /** Ends the lane after the current element, or after all that was given by readers that take nothing back. */
  stop(reason: 'stopped' | 'revoked'): void {
    if (reason === 'stopped' && this.inputs.mustFinish) {
      this.inputs.isFinishing = true;
      this.wakeup.wake();
      return;
    }
    this.stopReason ??= reason;
    this.calls.isStopped = true;
    this.wakeup.wake();
  }

  /** Resolves when the lane is over and all that it opened is closed; `onFailure` tells of a failure at once. */
  async run(onFailure: () => void): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.loopUntilDone();
      await this.untilSaved();
      await this.finish();
    } catch (error) {
      this.watch.isInCall = false;
      if (this.stopReason === 'revoked') this.revokedInWork(error);
      else {
        failure = { error: withLine(keyError(error, this.context.plan.nodes), this.inputs.feeds) };
        onFailure();
        await this.saveWhatHolds(failure.error);
      }
    }
    const closeError = await this.close();
    this.isOver = true;
    if (failure !== undefined) throw this.withPlaceOfResults(failure.error);
    if (closeError !== undefined) throw closeError;
  }

  /** Another process has the lane and does again what this one could not bring to its end. */
  private revokedInWork(error: unknown): void {
    this.ended = 'revoked';
    this.context.logger.warn({ err: error }, 'A lane was taken away while it was running');
  }

  watchCalls(watch: WatchCalls): void {
    this.made = watch(this.made);
  }

  /** A promise of the process function is pending. */
  get isInCall(): boolean {
    return this.watch.isInCall || (this.later?.results.pending ?? 0) > 0;
  }

  /** What the lane has done so far. */
  state(): LaneState {
    const { calls, ended, because, partialResults } = this;
    return {
      nodes: nodeStates(this.lane, this.inputs, this.watch.waitedMs(this.context.clock.now()), this.isOver),
      calls: calls.calls,
      unmatchedCalls: calls.unmatchedCalls,
      failedCalls: calls.failed,
      forcedCalls: this.lane.forcedCalls,
      openCalls: this.later?.results.openCalls ?? 0,
      inWindows: this.isOver ? 0 : this.lane.stats().inWindows,
      commits: { seconds: this.output.commitSeconds, lastAt: this.isOver ? undefined : this.output.lastCommitAt },
      steps: this.context.process.own?.counts?.() ?? [],
      written: this.isOver ? this.output.results.safe : this.output.results.written,
      ended,
      because,
      partialResults,
    };
  }

  /** What the lane waits for. */
  waitsFor(now: number): Waiting | undefined {
    return this.isOver ? undefined : this.watch.waiting(now);
  }

  health(now: number, stuckAfterMs: number): LaneHealth {
    const waiting = this.waitsFor(now);
    return { lane: this.watch.name, healthy: !this.watch.isStuck(waiting, stuckAfterMs), ended: this.ended, waiting };
  }

  /** What fails between calls fails after the calls before it: those may fail first. A call that gave up is taken back first. */
  private async loopUntilDone(): Promise<void> {
    try {
      await this.loop();
    } catch (error) {
      if (this.calls.gaveUp) throw error;
      if (!this.output.broken && isWaterMillError(error)) await this.saves?.untilSettled();
      throw error;
    }
  }

  private async loop(): Promise<void> {
    for (;;) {
      this.isWorking = true;
      let pause: Promise<unknown> | undefined;
      try {
        pause = this.work();
      } finally {
        this.isWorking = false;
      }
      if (pause === undefined) return;
      await pause;
    }
  }

  /** Goes as far as it can without waiting. Gives what to wait for, or undefined when the lane is over. */
  private work(): Promise<unknown> | undefined {
    while (this.stopReason === undefined || this.isEndedByProcess) {
      if (this.later?.results.hasEnded) this.endByProcess();
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
    this.later?.callEnded();
    if (!ended && this.later?.isFull) return this.saves?.until(() => !this.later?.isFull);
    if (!ended) return this.turns.step(weight) ? this.maintainInWork() : undefined;
    this.endByProcess();
    return undefined;
  }

  /** From here on the vector says that the lane is over: it must not be committed before the outputs have their end. */
  private endByProcess(): void {
    this.lane.stop('process');
    this.isEndedByProcess = true;
  }

  private late(answer: LateAnswer): void {
    const { late } = this.nodeAt(answer.node);
    if (late === undefined) return;
    const output = this.context.plan.outputs[late];
    if (output !== undefined) this.results.emit(late, asLate(output.message, answer.element));
  }

  private done(because: number | undefined): void {
    this.checkLags();
    this.because = because;
    if (because === undefined) this.ended = 'process';
    else if (this.inputs.feeds[because]?.timedOut) this.ended = 'timeout';
    else this.ended = because === 0 ? 'master ended' : 'no further match';
  }

  /** The lane asks for more of one of these nodes. Here batches change hands, and here alone the lane may have to wait. */
  private supply(nodes: readonly number[]): Promise<unknown> | undefined {
    const { schedule } = this.output;
    const pressure = this.handOver();
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

  /** The time of a step has come. */
  private ring(): Promise<unknown> | undefined {
    const { timer } = this.context.process.own ?? {};
    this.output.schedule.advance(0);
    return this.called(timer === undefined ? false : this.calls.ring(() => timer.ring()));
  }

  /** What was told is committed in its time, so that it is not told again. */
  private checkLags(): void {
    if (this.inputs.lags?.check()) this.output.schedule.advance(0);
  }

  private async wait(nodes: readonly number[]): Promise<void> {
    if (this.inputs.lags !== undefined) {
      const { schedule } = this.output;
      schedule.advance(this.inputs.readAhead(this.lane, schedule.allowance));
      this.checkLags();
    }
    if (this.inputs.awaitsCommit) return this.commitWhatWasGiven();
    if (this.inputs.isFinishing && !this.inputs.mayGiveMore) {
      this.stopReason ??= 'stopped';
      return;
    }
    this.watch.waits(nodes);
    await this.waiting.forMore(nodes);
    this.watch.goesOn();
    if (this.output.schedule.due(this.context.clock.now())) await this.commit();
  }

  /** For a reader that gives more only then; calls that are still open come first. */
  private async commitWhatWasGiven(): Promise<void> {
    await (this.saves?.until(() => this.later?.results.openCalls === 0) ?? this.handOver());
    await this.commit();
  }

  private handOver(): Promise<unknown> | undefined {
    if (this.later === undefined) this.inputs.passBadValues(this.lane, this.results.emit);
    else this.later.moveOn();
    return this.output.handOver(this.handedOver);
  }

  /**
   * Where the lane stands. It has not ended before what is called then has been called and the outputs have their end marks:
   * a lane that is stopped in its last call, or dies after a commit there, continues with them.
   */
  private readonly place = (): Checkpoint => {
    const place = this.later?.endPlace ?? checkpointOf(this.lane, this.inputs);
    return place.vector.ended === undefined || this.isFinal ? place : notEnded(place);
  };

  /** Up to where the results are that are handed over next. */
  private readonly handedOver = (): Checkpoint | undefined =>
    this.later === undefined ? this.place() : this.later.results.released;

  /** A lane that has ended waits for what is not saved yet; one that is stopped waits only for the calls in progress. */
  private async untilSaved(): Promise<void> {
    const { later } = this;
    if (later === undefined) return;
    const isAll = (): boolean => later.results.openCalls === 0;
    if (this.ended !== 'stopped' && this.ended !== 'revoked') {
      await this.saves?.until(isAll);
      if (!isAll()) this.ended = this.stopReason;
    }
    await this.saves?.untilSettled();
    if (!later.results.hasEnded) return;
    this.because = undefined;
    this.ended = 'process';
  }

  /** What is due from time to time: others get their turn, positions are committed, results are not kept back. */
  private maintain(): Promise<unknown> | undefined {
    const turn = this.turns.turn();
    if (turn !== undefined) return turn;
    return this.output.schedule.due(this.context.clock.now()) ? this.commit() : this.handOver();
  }

  /** What the lane was fed is not done yet: what comes of the rest is to be committed in its time, too. */
  private maintainInWork(): Promise<unknown> | undefined {
    return this.maintain()?.then(() => this.output.schedule.advance(0));
  }

  private commit(): Promise<void> {
    // At the end, all that is saved has been handed over.
    if (this.later !== undefined && !this.isAtEnd) return this.later.commit();
    this.inputs.passBadValues(this.lane, this.results.emit);
    return this.output.commit(this.place);
  }

  private async finish(): Promise<void> {
    if (this.ended === 'revoked' && !this.output.mayCommit) return;
    if (this.ended === 'stopped' || this.ended === 'revoked') return this.commit();
    if (this.later === undefined) this.inputs.passBadValues(this.lane, this.results.emit);
    else this.later.releaseAll();
    if (!(await this.calledAtEnd())) return;
    this.isFinal = true;
    await this.output.finish(this.place);
  }

  /** Calls what is to be called when the streams have ended. False: another process was given the lane meanwhile. */
  private async calledAtEnd(): Promise<boolean> {
    const { atEnd } = this.context.process;
    if (atEnd === undefined || this.ended === 'process') return true;
    this.isAtEnd = true;
    const call = this.calls.atEnd(atEnd);
    this.watch.isInCall = typeof call !== 'boolean';
    await call;
    this.watch.isInCall = false;
    this.isAtEnd = false;
    if (this.stopReason !== 'revoked' || this.output.mayCommit) return true;
    this.ended = 'revoked';
    return false;
  }

  /**
   * After a failure: the results before the element that failed are written, and positions are committed up to it.
   * Not after an unforeseen failure: then the state of the lane is not to be trusted.
   */
  private async saveWhatHolds(error: unknown): Promise<void> {
    if (this.output.broken || !isWaterMillError(error)) return;
    try {
      if (this.calls.gaveUp) this.lane.retract();
      await (this.output.isRefused ? this.output.commitHandedOver() : this.commit());
    } catch (second) {
      this.context.logger.error({ err: second }, 'The results before the failure could not be made durable');
    }
  }

  private async close(): Promise<unknown> {
    this.later?.results.forget();
    let failure: unknown;
    const note = (name: string) => (error: unknown) => {
      failure ??= brokerError(error, name, 'closing');
      return undefined;
    };
    await this.inputs.close().catch(note(this.context.leader.name));
    await this.tables?.close(this.ended === 'revoked').catch(note(this.context.leader.name));
    this.partialResults = await this.output.close().catch(note(this.context.writers));
    return failure;
  }

  private withPlaceOfResults(error: unknown): unknown {
    const place = this.partialResults;
    if (place === undefined || !isWaterMillError(error)) return error;
    return withSentence(error, `The results so far are in ${place}.`, { partialResults: place });
  }

  private nodeAt(index: number): PlanNode {
    return this.context.plan.nodes[index] as PlanNode;
  }
}

/** The same place of a lane that continues there. */
function notEnded({ vector, ...place }: Checkpoint): Checkpoint {
  const { ended: _, ...rest } = vector;
  return { ...place, vector: rest };
}
