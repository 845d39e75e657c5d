import type { Consumer, KafkaMessage, Message } from 'kafkajs';
import { freshName, kafka } from './kafka-topics.js';
import type { JoinPlaces } from './pair-join.js';

const perSend = 500;
const perCommit = 10_000;

/**
 * The buffered elements of one topic, with a separate consumer: one consumer cannot wait for one of two topics without
 * waiting for both.
 */
class Side {
  readonly consumer: Consumer;
  private batches: KafkaMessage[][] = [];
  private current: readonly KafkaMessage[] = [];
  private at = 0;
  private free: (() => void) | undefined;
  parsed: any;

  constructor(
    readonly topic: string,
    private readonly wake: () => void,
  ) {
    this.consumer = kafka.consumer({ groupId: freshName('hand'), maxWaitTimeInMs: 50 });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: this.topic, fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        this.batches.push(batch.messages);
        this.wake();
        if (this.batches.length > 1) {
          await new Promise<void>((resolve) => {
            this.free = resolve;
          });
        }
      },
    });
  }

  /** The current element of this side; undefined if it has to wait. */
  head(): any {
    if (this.parsed !== undefined) return this.parsed;
    if (this.at === this.current.length) {
      const batch = this.batches.shift();
      if (batch === undefined) return undefined;
      this.current = batch;
      this.at = 0;
      this.free?.();
    }
    this.parsed = JSON.parse(String(this.current[this.at]?.value));
    return this.parsed;
  }

  pass(): void {
    this.parsed = undefined;
    this.at++;
  }

  get next(): string {
    return String(Number(this.current[this.at - 1]?.offset) + 1);
  }
}

/** The same join of one partition, hand-written: two consumers, a merge, results, then positions. */
export async function joinByHand({ left, right, output }: JoinPlaces, count: number): Promise<void> {
  let wake = (): void => {};
  const [lefts, rights] = [new Side(left, () => wake()), new Side(right, () => wake())];
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
  await producer.connect();
  await Promise.all([lefts.start(), rights.start()]);
  let results: Message[] = [];
  let flushing: Promise<void> = Promise.resolve();
  const flush = async (messages: Message[], offsets: readonly [string, string]): Promise<void> => {
    for (let from = 0; from < messages.length; from += perSend) {
      await producer.send({ topic: output, acks: -1, messages: messages.slice(from, from + perSend) });
    }
    await lefts.consumer.commitOffsets([{ topic: left, partition: 0, offset: offsets[0] }]);
    await rights.consumer.commitOffsets([{ topic: right, partition: 0, offset: offsets[1] }]);
  };
  for (let made = 0; made < count; ) {
    const [here, there] = [lefts.head(), rights.head()];
    if (here === undefined || there === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 20);
      });
      continue;
    }
    if (here.time === there.time) {
      results.push({ partition: 0, value: JSON.stringify({ time: here.time, x: here.x, y: there.y }) });
      made++;
    }
    if (here.time <= there.time) lefts.pass();
    if (there.time <= here.time) rights.pass();
    if (results.length >= perCommit || made === count) {
      await flushing;
      flushing = flush(results, [lefts.next, rights.next]);
      results = [];
    }
  }
  await flushing;
  await Promise.all([lefts.consumer.disconnect(), rights.consumer.disconnect(), producer.disconnect()]);
}
