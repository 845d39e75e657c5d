import type { Clock } from '../../../base/clock.js';
import { closeAll } from '../../../base/closers.js';
import type { Json } from '../../../base/json.js';
import type { Logger } from '../../../base/logger.js';
import { countOf } from '../../../brokers/batch.js';
import type { Broker, BrokerLane } from '../../../brokers/broker.js';
import { brokerError } from '../../../brokers/broker-failed.js';
import { freezeDeep } from '../../../messages/freeze.js';
import { readerOf } from '../../../messages/reading/reader.js';
import { rowReaderOf } from '../../../messages/reading/row-reader.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { Plan, PlanNode } from '../../plan/plan.js';
import type { LaneCommit } from '../../resume/commit-text.js';
import { earliestMark, type ReadMark } from '../../resume/read-marks.js';
import type { CallResults } from '../results/call-results.js';
import { IdleWatch } from './idle-watch.js';
import { LagWatch } from './lag-watch.js';
import { NodeFeed } from './node-feed.js';
import type { Origins } from './origins.js';
import { StreamFeed } from './stream-feed.js';

export interface InputSetup {
  readonly plan: Plan;
  /** The broker that keeps the progress. */
  readonly leader: Broker;
  readonly lane: BrokerLane;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wake: () => void;
  /** Elements are frozen when they are read. */
  readonly freeze: boolean;
  /** By node: the origins of its batches, if calls or their dead letters need them. */
  readonly origins: readonly (Origins | undefined)[];
}

/** All inputs of one lane: one reader per stream, and one feed per node. */
export class LaneInputs {
  private readonly streams: StreamFeed[] = [];
  readonly feeds: NodeFeed[] = [];
  readonly idle: IdleWatch;
  /** Undefined if no stream is watched for lag. */
  lags: LagWatch | undefined;
  /** The number of master elements that the last supply fed. */
  masterFed = 0;
  /** The destination of dead letters. The lane's driver sets it. */
  emit!: CallResults['emit'];
  /** No more is read: the values read so far are processed, then the lane stops. */
  isFinishing = false;

  private constructor(private readonly setup: InputSetup) {
    this.idle = new IdleWatch(this.feeds, setup.logger);
  }

  /** Opens every stream at its mark in the commit, or at its beginning. */
  static async open(setup: InputSetup, resume: LaneCommit | undefined): Promise<LaneInputs> {
    const inputs = new LaneInputs(setup);
    try {
      for (const nodes of nodesByStream(setup.plan)) await inputs.openStream(nodes, resume);
    } catch (error) {
      await inputs.close().catch(() => {});
      throw error;
    }
    inputs.feeds.sort((a, b) => a.node.index - b.node.index);
    inputs.lags = LagWatch.of(setup.lane.name, setup.plan.nodes, inputs.feeds, setup.logger, resume?.lags);
    return inputs;
  }

  /**
   * Feeds the lane more of the first of these nodes that has values available. Returns true if it did, false if the
   * lane must wait for all of them, or a promise after which to ask again. Throws if none of them can ever have more.
   */
  supply(lane: LaneMachine, nodes: readonly number[], masterLimit: number): boolean | Promise<void> {
    if (this.idle.passOn(lane)) return true;
    if (this.idle.cameBack(lane, (feed) => this.feedIgnored(lane, feed))) return true;
    for (const index of nodes) if (this.feed(lane, index, masterLimit)) return true;
    if (this.isFinishing) return false;
    let failed: NodeFeed | undefined;
    let waits = false;
    for (const index of nodes) {
      const feed = this.feeds[index] as NodeFeed;
      if (feed.failure === undefined) {
        if (feed.runsAhead && feed.node.broker.abilities.rereads) return this.separate(feed);
        feed.stream.ask();
        if (this.feed(lane, index, masterLimit)) return true;
      }
      if (feed.failure === undefined) waits = true;
      else failed ??= feed;
    }
    // Another node may prove that the failed one is not needed, so the error is thrown only if no other can help.
    if (!waits && failed !== undefined) throw this.failureOf(failed);
    return false;
  }

  /**
   * Reads ahead the streams that others lag behind while the lane waits. Returns the number of master elements read.
   */
  readAhead(lane: LaneMachine, masterLimit: number): number {
    let master = 0;
    this.lags?.readAhead(lane, (index, most) => {
      const feed = this.feeds[index] as NodeFeed;
      const limit = index === 0 ? Math.min(most, masterLimit - master) : most;
      if (feed.failure !== undefined || feed.ended || feed.runsAhead || limit <= 0) return 0;
      feed.stream.ask();
      const given = Math.max(0, feed.feed(lane, limit));
      if (index === 0) master += given;
      return given;
    });
    return master;
  }

  /** Values of some reader must be processed before the lane stops. */
  get mustFinish(): boolean {
    return this.streams.some(({ finishes }) => finishes);
  }

  /** A reader whose values must be processed may still return some. */
  get mayGiveMore(): boolean {
    return this.streams.some(({ finishes, isReading }) => finishes && isReading);
  }

  get awaitsCommit(): boolean {
    return this.streams.some(({ awaitsCommit }) => awaitsCommit);
  }

  /** Feeds a node that the lane does not ask for, and reads more of its stream. Returns whether there was any, or it has failed. */
  private feedIgnored(lane: LaneMachine, feed: NodeFeed): boolean {
    if (this.feed(lane, feed.node.index, Number.POSITIVE_INFINITY)) return true;
    if (!this.isFinishing && !feed.runsAhead) feed.stream.ask();
    return this.feed(lane, feed.node.index, Number.POSITIVE_INFINITY) || feed.failure !== undefined;
  }

  private feed(lane: LaneMachine, index: number, masterLimit: number): boolean {
    const given = (this.feeds[index] as NodeFeed).feed(lane, index === 0 ? masterLimit : Number.POSITIVE_INFINITY);
    this.masterFed = index === 0 && given > 0 ? given : 0;
    return given >= 0;
  }

  /** The marks at which to open each node's stream for a vector. Earlier marks are dropped. */
  marksFor(from: readonly number[]): (ReadMark | null)[] {
    return this.feeds.map(({ marks }, i) => {
      marks.passed(from[i] as number);
      return marks.at(from[i] as number) ?? null;
    });
  }

  get lettersBelow(): readonly number[] {
    return this.feeds.map((feed) => feed.bad.writtenBelow);
  }

  async close(): Promise<void> {
    await closeAll(this.streams);
  }

  private async openStream(nodes: readonly PlanNode[], resume: LaneCommit | undefined): Promise<void> {
    const start =
      resume === undefined ? undefined : earliestMark(nodes.map((node) => resume.marks[node.index] ?? null));
    const stream = await this.openReader(nodes[0] as PlanNode, start?.mark);
    for (const node of nodes) {
      const { codec, acceptPropertyNames = false, texts } = node.input;
      // Each node has its own elements, and values that a user's code wrote are not changed.
      const sharesValues = nodes.length > 1 || acceptPropertyNames;
      const { freeze } = this.setup;
      const makeReader = () => {
        const read = readerOf(node.message, codec, { acceptPropertyNames, sharesValues, texts });
        return freeze ? (value: unknown) => freezeDeep(read(value)) : read;
      };
      const readsRows = !freeze && !acceptPropertyNames && !texts && codec?.deserializer === undefined;
      const makeRowReader = (names: readonly string[]) => (readsRows ? rowReaderOf(node.message, names) : undefined);
      const from = resume?.vector.nodes[node.index]?.from ?? 0;
      const lettersBelow = resume?.letters[node.index] ?? 0;
      const origins = this.setup.origins[node.index];
      const lane = this.setup.lane.name;
      this.feeds.push(
        new NodeFeed(node, { makeReader, makeRowReader }, stream, {
          from,
          mark: start,
          remembers: this.setup.leader.abilities.remembers,
          lane,
          lettersBelow,
          emit: (output, element) => this.emit(output, element),
          origins,
          freezes: freeze,
        }),
      );
    }
  }

  private async openReader(node: PlanNode, mark: Json | undefined): Promise<StreamFeed> {
    const { lane, clock, wake } = this.setup;
    try {
      const stream = new StreamFeed(node.input, await lane.openReader(node.index, mark), clock, wake);
      this.streams.push(stream);
      return stream;
    } catch (error) {
      throw brokerError(error, node.broker.name, `opening ${node.input.label}`);
    }
  }

  /** Opens a separate reader for a node that is far ahead of the others on its stream. */
  private async separate(feed: NodeFeed): Promise<void> {
    const last = feed.stream.lastKept;
    if (last === undefined) return;
    const { positions, first } = last;
    const next = positions === undefined ? first + countOf(last) : (positions.at(-1) ?? first - 1) + 1;
    const stream = await this.openReader(feed.node, last.mark);
    feed.moveTo(stream, next);
  }

  private failureOf(feed: NodeFeed): unknown {
    return brokerError(feed.failure, feed.node.broker.name, `reading ${feed.stream.entry.label}`);
  }
}

/**
 * Groups the nodes that can share a reader: nodes on the same stream of the same broker, and either all with parsed
 * values or all with bytes.
 */
function nodesByStream(plan: Plan): Iterable<readonly PlanNode[]> {
  const groups = new Map<string, PlanNode[]>();
  const brokers = [...new Set(plan.nodes.map(({ broker }) => broker))];
  for (const node of plan.nodes) {
    const key = `${node.input.codec?.raw === true ? 'bytes' : 'values'} of ${brokers.indexOf(node.broker)} ${node.input.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups.values();
}
