import type { Json } from '../../../base/json.js';
import type { Logger } from '../../../base/logger.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { LagPolicy, PlanNode } from '../../plan/plan.js';
import { HighestKey } from './highest-key.js';
import type { NodeFeed } from './node-feed.js';

/**
 * The maximum number of elements of the other stream in memory that are read ahead while the lane waits for the slow
 * one.
 */
const mostAhead = 1024;

/** A stream that may lag behind another one. */
interface Watched {
  readonly feed: NodeFeed;
  readonly policy: LagPolicy;
  /** Identifies what is compared: what is known of another comparison does not hold for this one. */
  readonly of: string;
  readonly own: HighestKey;
  readonly other: HighestKey;
  isDown: boolean;
  /** The position of the first call that was made without this stream since it started to lag. */
  resultsFrom: number | undefined;
}

/** Reports streams of a lane that start or stop lagging behind others: once per change, also across restarts. */
export class LagWatch {
  private readonly watched: Watched[];

  private constructor(
    private readonly lane: string,
    nodes: readonly PlanNode[],
    feeds: readonly NodeFeed[],
    private readonly logger: Logger,
    before: readonly any[],
  ) {
    this.watched = nodes.flatMap(({ index, name, lag: policy }): Watched | [] => {
      if (policy === undefined) return [];
      const [feed, ahead] = [feeds[index] as NodeFeed, feeds[policy.behind] as NodeFeed];
      const of = `${name} by ${policy.own}, ${ahead.node.name} by ${policy.other}`;
      const kept = before.find((each) => each.of === of);
      return {
        feed,
        policy,
        of,
        own: followed(feed, policy.own, kept?.own),
        other: followed(ahead, policy.other, kept?.other),
        isDown: kept?.down === true,
        resultsFrom: kept?.from,
      };
    });
  }

  /** Returns undefined if no stream is watched. `before`: the result of `toJson` at the last commit. */
  static of(
    lane: string,
    nodes: readonly PlanNode[],
    feeds: readonly NodeFeed[],
    logger: Logger,
    before: Json | undefined,
  ) {
    if (nodes.every(({ lag }) => lag === undefined)) return undefined;
    return new LagWatch(lane, nodes, feeds, logger, Array.isArray(before) ? before : []);
  }

  /** Checks the streams after more was read or a stream has ended. Returns whether a callback was called. */
  check(): boolean {
    let hasReported = false;
    for (const watched of this.watched) if (this.checkOne(watched)) hasReported = true;
    return hasReported;
  }

  /** Notes a call that was made without waiting for a silent stream. */
  forced(position: number): void {
    for (const watched of this.watched) if (watched.isDown) watched.resultsFrom ??= position;
  }

  /**
   * Reads the other streams ahead while the lane waits, to see how far they are. `feed`: feeds the lane at most this
   * many elements of a node.
   */
  readAhead(lane: LaneMachine, feed: (node: number, most: number) => number): void {
    for (const { policy } of this.watched) {
      const { behind } = policy;
      let room = mostAhead - (lane.nodes[behind]?.inbox.size ?? 0);
      for (let given = 1; given > 0 && room > 0; room -= given) given = feed(behind, room);
    }
  }

  toJson(): Json {
    return this.watched.map(({ of, own, other, isDown, resultsFrom }) => ({
      of,
      own: keyToJson(own.value),
      other: keyToJson(other.value),
      down: isDown,
      ...(resultsFrom !== undefined && { from: resultsFrom }),
    }));
  }

  private checkOne(watched: Watched): boolean {
    const { feed, policy, isDown } = watched;
    const [own, other] = [watched.own.value, watched.other.value];
    if (other === undefined) return false;
    // A stream that has ended does not lag. For a stream without elements so far, it is not known.
    if (!isDown) {
      if (own === undefined || feed.ended || !(other - own > policy.threshold)) return false;
      watched.isDown = true;
      watched.resultsFrom = undefined;
      this.notify(policy.onDown, { lane: this.lane, by: other - own });
      return true;
    }
    if (!feed.ended && (own === undefined || own < other)) return false;
    watched.isDown = false;
    const by = typeof other === 'bigint' ? 0n : 0;
    this.notify(policy.onUp, { lane: this.lane, by, resultsFrom: watched.resultsFrom });
    return true;
  }

  /** Calls a callback. An error that it throws does not affect the run. */
  private notify(callback: ((lag: object) => unknown) | undefined, lag: object): void {
    const failed = (error: unknown): void =>
      this.logger.error({ err: error }, 'A callback of lag threw; the run continues');
    try {
      const given: any = callback?.(lag);
      if (typeof given?.then === 'function') given.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
}

function followed(feed: NodeFeed, key: LagPolicy['own'], before: Json): HighestKey {
  const isInOrder = feed.node.order.policy === 'fail';
  return feed.follow(new HighestKey(key, isInOrder, keyFromJson(before)));
}
