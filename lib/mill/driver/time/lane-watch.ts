import { shownText } from '../../../base/shown-text.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import { inSeconds, type Waiting } from '../../report/waiting.js';
import type { OrderedResults } from '../calls/ordered-results.js';
import type { ProcessCalls } from '../calls/process-calls.js';
import type { Committer } from '../commit/committer.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { NodeFeed } from '../input/node-feed.js';
import type { LaneContext } from '../lane-context.js';

interface WatchedLane {
  readonly name: string;
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  readonly calls: ProcessCalls;
  readonly held: OrderedResults | undefined;
}

type Found = Omit<Waiting, 'lane' | 'forMs'> & { readonly since: number };
const none: readonly string[] = [];

/**
 * Reports what a lane is waiting for. It observes the lane from outside, so that the lane only has to note its pauses.
 */
export class LaneWatch {
  /** The nodes that the lane is waiting for. */
  private awaited: readonly number[] | undefined;
  private awaitedSince = 0;
  /** By node: the total time of earlier waits, in milliseconds. */
  private readonly waited: number[];
  /** The time since when the lane has been waiting for saves without any. */
  savesSince: number | undefined;
  /** A promise of the process function is pending. */
  isInCall = false;
  private seenCall = -1;
  private seenAt = 0;

  constructor(private readonly parts: WatchedLane) {
    this.waited = parts.context.plan.nodes.map(() => 0);
  }

  /** The lane starts to wait for more of any of these nodes. */
  waits(nodes: readonly number[]): void {
    this.awaited = nodes;
    this.awaitedSince = this.parts.context.clock.now();
  }

  /** The lane stops waiting. */
  continues(): void {
    const ms = this.parts.context.clock.now() - this.awaitedSince;
    for (const node of this.awaited ?? []) this.waited[node] = (this.waited[node] as number) + ms;
    this.awaited = undefined;
  }

  /** By node: the total time that the lane has waited for it, including the current wait, in milliseconds. */
  waitedMs(now: number): readonly number[] {
    const { awaited, awaitedSince } = this;
    return this.waited.map((ms, node) => (awaited?.includes(node) ? ms + now - awaitedSince : ms));
  }

  waiting(now: number): Waiting | undefined {
    const found = this.call(now) ?? this.write() ?? this.saves() ?? this.input(now);
    if (found === undefined) return undefined;
    const { since, sentence, ...rest } = found;
    const forMs = Math.max(0, now - since);
    const { name } = this;
    return {
      lane: name,
      forMs,
      ...rest,
      sentence: shownText(`Lane ${name}${sentence} for ${inSeconds(forMs)}.`, 2_000),
    };
  }

  get name(): string {
    return this.parts.name;
  }

  /**
   * Returns whether a lane counts as stuck. A silent stream is not a fault, unless the broker knows of more elements.
   */
  isStuck(waiting: Waiting | undefined, stuckAfterMs: number): boolean {
    if (waiting === undefined || waiting.forMs < stuckAfterMs) return false;
    return waiting.for !== 'input' || this.feeds().some(({ stream }) => (stream.lag ?? 0) > 0);
  }

  private call(now: number): Found | undefined {
    const { calls } = this.parts;
    if (!this.isInCall) return undefined;
    // The clock is not read at every call: the wait counts from the first look at this call.
    if (this.seenCall !== calls.calls + calls.unmatchedCalls) this.seenAt = now;
    this.seenCall = calls.calls + calls.unmatchedCalls;
    const stopping = calls.isStopped ? ', and stop() waits for that,' : '';
    const sentence = `: ${this.callInProgress()}${stopping}`;
    return { for: 'call', since: this.seenAt, sentence, isHeldUp: true, awaited: none, waiters: none };
  }

  private callInProgress(): string {
    const { calls, context } = this.parts;
    const { subject } = calls;
    if (subject === undefined) return `${context.plan.process.atEnd?.name} is processing the end of the streams`;
    return this.describeCall(subject);
  }

  private describeCall({ node, position }: { readonly node: number; readonly position: number }): string {
    const { nodes, process } = this.parts.context.plan;
    const { name, input } = nodes[node] as (typeof nodes)[number];
    return `${process.name} is processing ${name} at position ${position} of ${input.label}`;
  }

  private write(): Found | undefined {
    const { busy } = this.parts.committer;
    if (busy === undefined) return undefined;
    const sentence = `: ${busy.broker} is ${busy.work}`;
    return { for: 'output', since: busy.since, sentence, isHeldUp: true, awaited: none, waiters: none };
  }

  private saves(): Found | undefined {
    const { held } = this.parts;
    if (held === undefined || this.savesSince === undefined) return undefined;
    const since = this.savesSince;
    if (held.oldest?.isPending) {
      const sentence = `: ${this.describeCall(held.oldest.about)}, the first of ${held.pending} calls in progress,`;
      return { for: 'call', since, sentence, isHeldUp: true, awaited: none, waiters: none };
    }
    const sentence = ` waits for saveResults: ${held.openCalls} calls are open, the first has key ${held.oldest?.key}, and none was saved`;
    return { for: 'saves', since, sentence, isHeldUp: true, awaited: none, waiters: none };
  }

  private input(now: number): Found | undefined {
    if (this.awaited === undefined) return undefined;
    const { lane, inputs } = this.parts;
    const feeds = this.feeds();
    const hasWork = ({ node }: NodeFeed): boolean => {
      const { inbox, read, matched, passedOver, late, inWindows } = lane.nodes[
        node.index
      ] as LaneMachine['nodes'][number];
      return (
        !feeds.some((each) => each.node === node) &&
        (!inbox.isEmpty || read > matched + passedOver + late + inWindows())
      );
    };
    const waiters = inputs.feeds.filter(hasWork).map(({ node }) => node.name);
    const awaited = feeds.map(({ node }) => node.name);
    const streams = feeds.map(({ node }) => `${node.name} (${node.input.label})`).join(' or ');
    const who = waiters.length > 0 ? `: elements of ${waiters.join(' and ')} are available, and wait` : ' waits';
    const since = Math.max(...feeds.map(({ stream }) => stream.quietSince ?? now));
    const sentence = `${who} for more of ${streams}; none arrived`;
    return { for: 'input', since, sentence, isHeldUp: waiters.length > 0, awaited, waiters };
  }

  private feeds(): readonly NodeFeed[] {
    return (this.awaited ?? []).map((node) => this.parts.inputs.feeds[node] as NodeFeed);
  }
}
