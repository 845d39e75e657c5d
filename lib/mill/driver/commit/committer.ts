import type { Clock } from '../../../base/clock.js';
import { isAbort } from '../../../base/is-abort.js';
import type { Json } from '../../../base/json.js';
import type { BrokerLane, LaneWriter } from '../../../brokers/broker.js';
import { brokerError } from '../../../brokers/broker-failed.js';
import { commitBounds, Histogram } from '../../report/histogram.js';
import type { Checkpoint } from '../../resume/checkpoint.js';
import { type LaneCommit, writeCommit } from '../../resume/commit-text.js';
import type { LaneContext } from '../lane-context.js';
import { ResultsBuffer } from '../results/results-buffer.js';
import type { LaneTables } from '../tables/lane-tables.js';
import { CommitSchedule } from './commit-schedule.js';

/**
 * Makes the results of a lane durable and moves its positions: hands over and flushes the results, then commits the
 * vector together with the mark up to which the results count. A crash between the two leaves results without a commit:
 * the next run (`recovery.ts`) passes the mark of the last commit to the writer, and brokers that can remove the
 * results after it.
 */
export class Committer {
  readonly results: ResultsBuffer;
  readonly schedule: CommitSchedule;
  readonly commitSeconds = new Histogram(commitBounds);
  /** The time of the last commit; before the first one, the time when the lane was opened. */
  lastCommitAt: number | undefined;
  /** A write or a commit failed, so it is unknown what was written: nothing more is written or committed. */
  broken = false;
  /** The checkpoint is larger than the broker can keep: results since the last handover cannot be committed. */
  isRefused = false;
  /** The checkpoint after the results that were handed over last. */
  private handedOver: Checkpoint | undefined;
  /** The last commit, if the mark of the outputs has changed since. */
  private outdated: Checkpoint | undefined;
  /** The operation of a broker that the lane is waiting for, and its start. */
  busy: { readonly broker: string; readonly work: string; readonly since: number } | undefined;

  private constructor(
    private readonly context: LaneContext,
    private readonly brokerLane: BrokerLane,
    private readonly writer: LaneWriter,
    private readonly clock: Clock,
    private readonly tables: LaneTables | undefined,
    /** The mark that the last flush returned. */
    private sink: Json | undefined,
    /** The mark that the last flush of the tables returned. */
    private tablesMark: Json | undefined,
    private readonly ends: LaneCommit['ends'],
  ) {
    const { abilities } = context.leader;
    this.results = new ResultsBuffer(writer, context.plan.outputs);
    this.schedule = new CommitSchedule(abilities.remembers, context.commitEvery, clock.now());
    if (abilities.remembers) this.lastCommitAt = clock.now();
  }

  static async open(
    context: LaneContext,
    lane: BrokerLane,
    resume: LaneCommit | undefined,
    tables?: LaneTables,
  ): Promise<Committer> {
    try {
      const writer = await context.connection.openWriter(lane.name, resume?.sink, resume?.isContinued === true);
      return new Committer(context, lane, writer, context.clock, tables, resume?.sink, resume?.tables, resume?.ends);
    } catch (error) {
      // An opening that waits for the other side and is aborted is not a failure.
      throw isAbort(error) ? error : brokerError(error, context.writers, 'opening the outputs');
    }
  }

  /** Publishes the results of a lane that had ended: the run may have crashed before it did. */
  static async publishAgain(context: LaneContext, lane: BrokerLane, resume: LaneCommit): Promise<void> {
    const committer = await Committer.open(context, lane, resume);
    try {
      await committer.publish();
    } finally {
      await committer.close();
    }
  }

  /** It is known what was written, and no other process owns the lane yet. */
  get mayCommit(): boolean {
    return !this.broken && this.brokerLane.lost?.aborted !== true;
  }

  /**
   * Hands the results of the calls to the writer, after checking that the broker can keep a commit of the checkpoint
   * after them. The returned promise is the writer's back-pressure. Without a checkpoint there is nothing to commit
   * yet.
   */
  handOver(makeCheckpoint: () => Checkpoint | undefined): Promise<unknown> | undefined {
    // Without commits, a completed call is never undone.
    const toDisk = this.context.leader.abilities.remembers ? undefined : this.tables?.settle();
    if (toDisk !== undefined) return toDisk.then(() => this.handOver(makeCheckpoint));
    if (this.results.isEmpty) return undefined;
    this.check(makeCheckpoint);
    return this.writeResults();
  }

  private writeResults(): Promise<unknown> | undefined {
    this.broken = true;
    let pressure: Promise<unknown> | undefined;
    try {
      pressure = this.results.handOver();
    } catch (error) {
      throw brokerError(error, this.context.writers, 'writing results');
    }
    if (pressure === undefined) {
      this.broken = false;
      return undefined;
    }
    return this.settle(() => pressure, 'writing results');
  }

  /** Makes all results durable, then moves the positions to the checkpoint. */
  async commit(makeCheckpoint: () => Checkpoint): Promise<void> {
    const checkpoint = this.context.leader.abilities.remembers ? makeCheckpoint() : undefined;
    this.check(() => checkpoint);
    await this.writeResults();
    await this.flushResultsThenMovePositions(checkpoint);
  }

  /** Drops the results after the last checkpoint that the broker can keep, and commits the results up to it. */
  async commitHandedOver(): Promise<void> {
    const { handedOver, tables } = this;
    this.results.drop();
    // The tables are already ahead of that checkpoint, so the previous commit stays the last one, with its mark.
    if (tables !== undefined) {
      this.outdated = undefined;
      return;
    }
    if (handedOver !== undefined) await this.flushResultsThenMovePositions(handedOver);
  }

  /** Without a checkpoint, the broker remembers no positions. */
  private async flushResultsThenMovePositions(checkpoint: Checkpoint | undefined): Promise<void> {
    const begun = this.clock.now();
    this.sink = await this.settle(() => this.writer.flush(), 'making results durable');
    if (checkpoint !== undefined) {
      await this.keepTables();
      await this.movePositions(checkpoint);
      await this.deliver(checkpoint);
      this.lastCommitAt = this.clock.now();
      this.commitSeconds.add((this.lastCommitAt - begun) / 1_000, 1);
    }
    this.results.madeSafe();
    await this.tables?.settle();
  }

  /** Lets the writer pass on what it has kept until the commit was valid. */
  private async deliver(checkpoint: Checkpoint): Promise<void> {
    const { writer } = this;
    if (writer.committed === undefined) return;
    const mark = await this.settle(() => writer.committed?.(), 'delivering results');
    if (mark !== undefined) this.sink = mark;
    this.outdated = mark === undefined ? undefined : checkpoint;
  }

  /**
   * Makes the last commit of a run again if the mark of the outputs has changed since: what the writer has kept for a
   * crash is not needed any more.
   */
  async commitMark(): Promise<void> {
    const { outdated } = this;
    if (outdated === undefined || !this.mayCommit) return;
    this.outdated = undefined;
    await this.keepTables();
    await this.movePositions(outdated);
    await this.tables?.settle();
  }

  private async keepTables(): Promise<void> {
    const { tables } = this;
    if (tables === undefined) return;
    const broker = this.context.leader.name;
    this.tablesMark = await this.settle(() => tables.flush(), 'keeping the changes of tables', broker);
  }

  private async movePositions(checkpoint: Checkpoint): Promise<void> {
    const { positions, marks, vector } = checkpoint;
    const progress = {
      positions,
      marks: marks.map((mark) => mark?.mark),
      ended: vector.ended !== undefined,
    };
    const text = this.textOf(checkpoint);
    await this.settle(() => this.brokerLane.commit(text, progress), 'committing positions', this.context.leader.name);
    this.schedule.committed(this.clock.now());
  }

  /**
   * Asks the broker whether it can keep a commit, before anything is written. The mark of the next flush is not known
   * yet.
   */
  check(makeCheckpoint: () => Checkpoint | undefined): void {
    if (this.brokerLane.check === undefined) return;
    const checkpoint = makeCheckpoint();
    if (checkpoint === undefined) return;
    this.isRefused = true;
    this.brokerLane.check(this.textOf(checkpoint));
    this.isRefused = false;
    // A commit must not say that a lane has ended before its outputs have.
    if (checkpoint.vector.ended === undefined) this.handedOver = checkpoint;
  }

  private textOf(checkpoint: Checkpoint): string {
    const { plan, leader } = this.context;
    const ended = leader.abilities.readsAside === true ? { ends: this.ends } : { end: undefined };
    return writeCommit({ ...checkpoint, ...ended, sink: this.sink, tables: this.tablesMark }, plan);
  }

  /**
   * Finishes a lane that has ended: writes the end marks of its outputs, commits that it has ended, then publishes the
   * outputs.
   */
  async finish(makeCheckpoint: () => Checkpoint): Promise<void> {
    await this.handOver(makeCheckpoint);
    await this.settle(() => this.writer.end(), 'ending the outputs');
    await this.commit(makeCheckpoint);
    await this.commitMark();
    await this.publish();
  }

  async publish(): Promise<void> {
    await this.settle(() => this.writer.publish(), 'making the results final');
  }

  /** Closes the writer of a lane, which was revoked or not. Resolves to the location of partial results, if there are any. */
  async close(isTaken = false): Promise<string | undefined> {
    return this.writer.close(isTaken);
  }

  private async settle<T>(work: () => T | Promise<T>, what: string, broker = this.context.writers): Promise<T> {
    this.broken = true;
    this.busy = { broker, work: what, since: this.clock.now() };
    try {
      const value = await work();
      this.broken = false;
      return value;
    } catch (error) {
      throw brokerError(error, broker, what);
    } finally {
      this.busy = undefined;
    }
  }
}
