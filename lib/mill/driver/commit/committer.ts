import type { Clock } from '../../../base/clock.js';
import { isAbort } from '../../../base/is-abort.js';
import type { Json } from '../../../base/json.js';
import type { BrokerLane, LaneWriter } from '../../../brokers/broker.js';
import { brokerError } from '../../../brokers/broker-failed.js';
import { commitBounds, Histogram } from '../../report/histogram.js';
import type { Checkpoint } from '../../resume/checkpoint.js';
import { type LaneCommit, writeCommit } from '../../resume/commit-text.js';
import type { LaneContext } from '../lane-context.js';
import type { LaneTables } from '../tables/lane-tables.js';
import { CommitSchedule } from './commit-schedule.js';
import { ResultsBuffer } from './results-buffer.js';

/**
 * The moment when results are safe and positions move, for one lane: results are handed over and flushed, then the
 * vector is committed, with the mark up to which the results count. A crash in between leaves results without a commit:
 * the next run hands the writer the mark of the last commit, so that they are taken back where the broker can do that.
 */
export class Committer {
  readonly results: ResultsBuffer;
  readonly schedule: CommitSchedule;
  readonly commitSeconds = new Histogram(commitBounds);
  /** When positions were committed last; before the first time, when the lane was opened. */
  lastCommitAt: number | undefined;
  /** A write or a commit failed: what is there is not certain, so nothing more is written or committed. */
  broken = false;
  /** The lane's place is more than the broker can keep: what came since the last handing over cannot be committed. */
  isRefused = false;
  /** The place behind what was handed over last. */
  private handedOver: Checkpoint | undefined;
  /** What a broker is at, since when, while the lane waits for it. */
  busy: { readonly broker: string; readonly work: string; readonly since: number } | undefined;

  private constructor(
    private readonly context: LaneContext,
    private readonly brokerLane: BrokerLane,
    private readonly writer: LaneWriter,
    private readonly clock: Clock,
    private readonly tables: LaneTables | undefined,
    /** What the last flush gave. */
    private sink: Json | undefined,
    /** The same of the tables. */
    private tablesMark: Json | undefined,
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
      return new Committer(context, lane, writer, context.clock, tables, resume?.sink, resume?.tables);
    } catch (error) {
      // What waits for the other side and is asked to stop is not a failure.
      throw isAbort(error) ? error : brokerError(error, context.writers, 'opening the outputs');
    }
  }

  /** A run that ended may have died before its results were final: they are made so now. */
  static async publishAgain(context: LaneContext, lane: BrokerLane, resume: LaneCommit): Promise<void> {
    const committer = await Committer.open(context, lane, resume);
    try {
      await committer.publish();
    } finally {
      await committer.close();
    }
  }

  /** What was written is known, and no other process has the lane yet. */
  get mayCommit(): boolean {
    return !this.broken && this.brokerLane.lost?.aborted !== true;
  }

  /**
   * Hands over what the calls gave, if a commit of the place behind them can be kept; a promise is the writer's
   * back-pressure. No place: nothing is known yet that a commit could say.
   */
  handOver(checkpoint: () => Checkpoint | undefined): Promise<unknown> | undefined {
    // Where nothing is committed, nothing of a call that is done is ever taken back.
    const toDisk = this.context.leader.abilities.remembers ? undefined : this.tables?.settle();
    if (toDisk !== undefined) return toDisk.then(() => this.handOver(checkpoint));
    if (this.results.isEmpty) return undefined;
    this.check(checkpoint);
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

  /** Makes all results safe, then moves the positions past what they cover: to the place that `checkpoint` gives now. */
  async commit(checkpoint: () => Checkpoint): Promise<void> {
    const place = this.context.leader.abilities.remembers ? checkpoint() : undefined;
    this.check(() => place);
    await this.writeResults();
    await this.makeSafe(place);
  }

  /** Where the last place could not be kept: the results behind it are dropped, and those before the previous one count. */
  async commitHandedOver(): Promise<void> {
    const { handedOver, tables } = this;
    this.results.drop();
    // The tables are ahead of that place: what was committed before holds.
    if (tables !== undefined) return;
    if (handedOver !== undefined) await this.makeSafe(handedOver);
  }

  /** No place: the broker remembers none. */
  private async makeSafe(place: Checkpoint | undefined): Promise<void> {
    const begun = this.clock.now();
    this.sink = await this.settle(() => this.writer.flush(), 'making results durable');
    if (place !== undefined) {
      await this.keepTables();
      await this.commitPlace(place);
      this.lastCommitAt = this.clock.now();
      this.commitSeconds.add((this.lastCommitAt - begun) / 1_000, 1);
    }
    this.results.madeSafe();
    await this.tables?.settle();
  }

  private async keepTables(): Promise<void> {
    const { tables } = this;
    if (tables === undefined) return;
    const broker = this.context.leader.name;
    this.tablesMark = await this.settle(() => tables.flush(), 'keeping the changes of tables', broker);
  }

  private async commitPlace(place: Checkpoint): Promise<void> {
    const { vector } = place;
    const progress = {
      positions: vector.nodes.map(({ from }) => from),
      marks: place.marks.map((mark) => mark?.mark),
      ended: vector.ended !== undefined,
    };
    const text = this.textOf(place);
    await this.settle(() => this.brokerLane.commit(text, progress), 'committing positions', this.context.leader.name);
    this.schedule.committed(this.clock.now());
  }

  /** Asks the broker before anything is written that could not be committed. The mark of a flush to come is not known. */
  check(checkpoint: () => Checkpoint | undefined): void {
    if (this.brokerLane.check === undefined) return;
    const place = checkpoint();
    if (place === undefined) return;
    this.isRefused = true;
    this.brokerLane.check(this.textOf(place));
    this.isRefused = false;
    // That a lane is over is not said before its outputs have ended.
    if (place.vector.ended === undefined) this.handedOver = place;
  }

  private textOf(checkpoint: Checkpoint): string {
    return writeCommit({ ...checkpoint, sink: this.sink, tables: this.tablesMark }, this.context.plan);
  }

  /** The lane has ended: its outputs get their end mark, then the last commit says so, then they become final. */
  async finish(checkpoint: () => Checkpoint): Promise<void> {
    await this.handOver(checkpoint);
    await this.settle(() => this.writer.end(), 'ending the outputs');
    await this.commit(checkpoint);
    await this.publish();
  }

  async publish(): Promise<void> {
    await this.settle(() => this.writer.publish(), 'making the results final');
  }

  /** Lets go. Gives where partial results lie. */
  async close(): Promise<string | undefined> {
    return this.writer.close();
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
