import type { Clock } from '../../../base/clock.js';
import type { PartitionQueue } from './partition-queue.js';

/**
 * The time that the leader of a partition has for an answer, in addition to that for which it may hold a fetch.
 * Milliseconds.
 */
const graceMs = 1_000;

/**
 * Notices partitions whose leaders do not answer fetches. It looks in equal intervals, and a queue counts the looks
 * since the last answer, not the time: if this process stalls, there is one look afterwards, and the answers that have
 * arrived in the meantime are read before the next.
 */
export class AnswerWatch {
  private cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly maxWaitMs: number,
    private readonly queues: () => Iterable<PartitionQueue>,
  ) {}

  start(): void {
    this.cancel = this.clock.setTimer(this.maxWaitMs + graceMs, () => {
      for (const queue of this.queues()) queue.lookForAnswer();
      this.start();
    });
  }

  stop(): void {
    this.cancel();
  }
}
