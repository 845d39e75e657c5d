import { isDate } from '../../../base/date.js';
import type { Json } from '../../../base/json.js';
import type { Logger } from '../../../base/logger.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { LagPolicy, PlanNode } from '../../plan/plan.js';
import type { NodeFeed } from './node-feed.js';

/**
 * The maximum number of elements of the other stream in memory that are read ahead while the lane waits for the slow
 * one.
 */
const mostAhead = 1024;

/** A stream that may lag behind another one. */
interface Watched {
  readonly node: number;
  readonly policy: LagPolicy;
  /** The highest keys read so far, as numbers or bigints. */
  own: any;
  other: any;
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
    private readonly feeds: readonly NodeFeed[],
    private readonly logger: Logger,
    before: readonly any[],
  ) {
    const lagging = nodes.filter(({ lag }) => lag !== undefined);
    this.watched = lagging.map((node, i) => {
      const kept = before[i];
      return {
        node: node.index,
        policy: node.lag as LagPolicy,
        own: kept === undefined ? undefined : distanceOf(keyFromJson(kept.own)),
        other: kept === undefined ? undefined : distanceOf(keyFromJson(kept.other)),
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
    return this.watched.map(({ own, other, isDown, resultsFrom }) => ({
      own: keyToJson(own),
      other: keyToJson(other),
      down: isDown,
      ...(resultsFrom !== undefined && { from: resultsFrom }),
    }));
  }

  private checkOne(watched: Watched): boolean {
    const { node, policy } = watched;
    const [mine, theirs] = [this.feeds[node] as NodeFeed, this.feeds[policy.behind] as NodeFeed];
    watched.own = higher(watched.own, mine.last, policy.own);
    watched.other = higher(watched.other, theirs.last, policy.other);
    const { own, other, isDown } = watched;
    if (other === undefined) return false;
    // A stream that has ended does not lag. For a stream without elements so far, it is not known.
    if (!isDown) {
      if (own === undefined || mine.ended || !(other - own > policy.threshold)) return false;
      watched.isDown = true;
      watched.resultsFrom = undefined;
      this.notify(policy.onDown, { lane: this.lane, by: other - own });
      return true;
    }
    if (!mine.ended && (own === undefined || own < other)) return false;
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

function higher(before: any, element: object | undefined, key: LagPolicy['own']): any {
  if (element === undefined) return before;
  let value: any;
  try {
    value = distanceOf(key.evaluate(element as never));
  } catch {
    // The lane reports the error when it reaches that element.
    return before;
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return before;
  if (before !== undefined && typeof before !== typeof value) return before;
  return before === undefined || value > before ? value : before;
}

function distanceOf(key: unknown): any {
  return isDate(key) ? key.getTime() : key;
}
