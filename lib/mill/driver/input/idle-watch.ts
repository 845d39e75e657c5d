import type { Logger } from '../../../base/logger.js';
import { shownText } from '../../../base/shown-text.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { NodeFeed } from './node-feed.js';

const outcomes = {
  end: 'so it has ended for this mill',
  ignore: 'so the join continues without it until more arrives',
  wait: 'and the join waits for it',
};

/** Applies the timeouts of streams that are silent while a lane waits for them. */
export class IdleWatch {
  /** Nodes that the lane should stop waiting for. */
  private ignored: number[] = [];
  /** Nodes that the lane has stopped waiting for: it does not ask for them. */
  private without: readonly number[] = [];
  /** The start of the silence that was last reported for a node. */
  private readonly reported = new WeakMap<NodeFeed, number>();

  constructor(
    private readonly feeds: readonly NodeFeed[],
    private readonly logger: Logger,
  ) {}

  /** The next time to act on one of these nodes, if they stay silent. */
  deadline(nodes: readonly number[], now: number): number | undefined {
    let left = Number.POSITIVE_INFINITY;
    for (const index of nodes) {
      const feed = this.feeds[index] as NodeFeed;
      const { silence } = feed.stream;
      if (silence === undefined) continue;
      const afterMs = Math.min(dataTimeoutOf(feed) ?? Number.POSITIVE_INFINITY, this.idleAfter(feed, silence.since));
      left = Math.min(left, afterMs - silence.ms);
    }
    return left === Number.POSITIVE_INFINITY ? undefined : now + left;
  }

  /** Ends or reports the nodes whose timeout has passed. */
  check(nodes: readonly number[]): void {
    for (const index of nodes) {
      const feed = this.feeds[index] as NodeFeed;
      const { silence } = feed.stream;
      if (silence === undefined) continue;
      const dataTimeoutMs = dataTimeoutOf(feed);
      if (dataTimeoutMs !== undefined && silence.ms >= dataTimeoutMs) {
        feed.stream.expire();
        this.logger.info(...this.words(feed, dataTimeoutMs, 'so the stream has ended'));
      } else if (silence.ms >= this.idleAfter(feed, silence.since)) {
        this.applyPolicy(feed, silence.since);
      }
    }
  }

  private applyPolicy(feed: NodeFeed, since: number): void {
    const { idle } = feed.node;
    if (idle === undefined) return;
    this.reported.set(feed, since);
    if (idle.then === 'end') feed.expire();
    if (idle.then === 'ignore') this.ignored.push(feed.node.index);
    this.logger.warn(...this.words(feed, idle.afterMs, outcomes[idle.then]));
  }

  /** Passes new nodes to ignore on to the lane; false if there are none. */
  passOn(lane: LaneMachine): boolean {
    const { ignored } = this;
    if (ignored.length === 0) return false;
    this.ignored = [];
    for (const node of ignored) lane.ignore(node);
    this.without = [...new Set([...this.without, ...ignored])];
    return true;
  }

  /**
   * Feeds a node that the lane has stopped waiting for, if more has arrived. Returns whether it did. The lane waits for the
   * node again after its next element, not after bad messages, or if its stream has failed.
   */
  cameBack(lane: LaneMachine, feed: (node: NodeFeed) => boolean): boolean {
    const back = this.without.find((node) => feed(this.feeds[node] as NodeFeed));
    if (back === undefined) return false;
    if (this.feeds[back]?.failure !== undefined) lane.feed(back, [], 0);
    this.without = this.without.filter((node) => lane.nodes[node]?.ignored);
    return true;
  }

  private idleAfter(feed: NodeFeed, since: number): number {
    const { idle } = feed.node;
    return idle === undefined || this.reported.get(feed) === since ? Number.POSITIVE_INFINITY : idle.afterMs;
  }

  private words({ node, stream }: NodeFeed, afterMs: number, outcome: string): [object, string] {
    const sentence = `${node.name}: nothing arrived from ${stream.entry.label} for ${afterMs} ms, ${outcome}`;
    return [{ message: node.name, stream: stream.entry.label, afterMs }, shownText(sentence, 2_000)];
  }
}

function dataTimeoutOf({ node }: NodeFeed): number | undefined {
  return node.broker.timeouts?.dataTimeoutMs;
}
