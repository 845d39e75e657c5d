import type { Clock } from '../../base/clock.js';
import { realTime } from '../../base/real-time.js';
import type { WaterMillError } from '../../base/watermill-error.js';
import type { TopicFacts } from './client.js';
import { partitionsAdded, topicGone, topicRecreated } from './kafka-errors.js';

/**
 * A missing topic is looked up a second time after this: a broker that has just started may not know it yet.
 * Milliseconds.
 */
const secondLookMs = 500;

export interface TopicWatchSetup {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** The facts of the topics when the mill started. */
  readonly expected: ReadonlyMap<string, TopicFacts>;
  /** Looks up the facts of topics. */
  readonly look: (topics: readonly string[]) => Promise<ReadonlyMap<string, TopicFacts>>;
  /** Called once, with the error. */
  readonly changed: (error: WaterMillError) => void;
}

/**
 * Detects when a topic of the mill is deleted, recreated or given more partitions: later records have nothing to do
 * with those read before. Checks periodically, and on demand.
 */
export class TopicWatch {
  private readonly names: readonly string[];
  private cancel: () => void = () => {};
  private stopped = false;
  private error: WaterMillError | undefined;
  private looking: Promise<void> = Promise.resolve();
  /** The next check, which has not begun: all callers in the meantime share it. */
  private next: Promise<void> | undefined;

  constructor(private readonly setup: TopicWatchSetup) {
    this.names = [...setup.expected.keys()];
  }

  start(): void {
    if (this.stopped) return;
    this.cancel = this.setup.clock.setTimer(this.setup.intervalMs, () => {
      // Whatever prevents the check also affects the rest of the mill, and is reported there.
      void this.check()
        .catch(() => {})
        .then(() => this.start());
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /** Checks again. Resolves when all topics were in order at some time after the call, otherwise rejects. */
  check(): Promise<void> {
    if (this.next === undefined) {
      const after = () => {
        this.next = undefined;
        return this.look();
      };
      this.next = this.looking.then(after, after);
      this.looking = this.next;
    }
    return this.next;
  }

  private async look(): Promise<void> {
    if (this.error === undefined) await this.compare();
    if (this.error !== undefined) throw this.error;
  }

  private async compare(): Promise<void> {
    const { expected, look } = this.setup;
    let found = await look(this.names);
    if (this.names.some((topic) => !found.has(topic))) {
      await realTime.sleep(secondLookMs);
      found = await look(this.names);
    }
    for (const [topic, was] of expected) {
      this.error ??= changeOf(topic, was, found.get(topic));
    }
    if (this.error !== undefined && !this.stopped) this.setup.changed(this.error);
  }
}

function changeOf(topic: string, was: TopicFacts, is: TopicFacts | undefined): WaterMillError | undefined {
  if (is === undefined) return topicGone(topic);
  if (was.id !== undefined && is.id !== undefined && was.id !== is.id) return topicRecreated(topic, was.id, is.id);
  // A topic never loses partitions unless it was recreated.
  if (is.partitions < was.partitions)
    return topicRecreated(topic, `${was.partitions} partitions`, String(is.partitions));
  return is.partitions === was.partitions ? undefined : partitionsAdded(topic, was.partitions, is.partitions);
}
