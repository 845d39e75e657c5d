import { setTimeout as wait } from 'node:timers/promises';
import type { Latency } from './bench.js';
import { Digest } from './digest.js';
import { endRecord, freshName, kafka } from './kafka-topics.js';

const perMs = 1;
/** The fraction of all messages that warm up the code. */
const warmUp = 0.1;

/**
 * Sends 1,000 messages a second to one topic and awaits their results in another, which it reads read-committed.
 * Latency is from passing a message to the producer to receiving its result.
 */
export async function measureLatency(
  input: string,
  output: string,
  count: number,
): Promise<{ latency: Latency; digest: string }> {
  const results = await ResultReader.open(output, count);
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  const sent = new Float64Array(count);
  const send = async (from: number, to: number): Promise<void> => {
    const messages = Array.from({ length: to - from }, (_, i) => ({
      partition: 0,
      value: `{"time":${from + i},"x":${(from + i) % 100}}`,
    }));
    sent.fill(performance.now(), from, to);
    await producer.send({ topic: input, messages });
  };
  // The first message shows that the program under test has started.
  await send(0, 1);
  await results.first;
  const start = performance.now();
  for (let next = 1; next < count; ) {
    const due = Math.min(count, 1 + Math.floor((performance.now() - start) * perMs));
    if (due === next) await wait(1);
    else await send(next, due);
    next = due;
  }
  await producer.send({ topic: input, messages: [{ ...endRecord, partition: 0 }] });
  await results.complete();
  await Promise.all([producer.disconnect(), results.close()]);
  const latencies = results.at.map((at, i) => at - (sent[i] as number)).slice(Math.floor(count * warmUp));
  latencies.sort();
  const quantile = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] as number;
  return { latency: { p50Ms: quantile(0.5), p99Ms: quantile(0.99) }, digest: String(results.digest) };
}

/** Records the time of each result. */
class ResultReader {
  readonly digest = new Digest();
  readonly at: Float64Array;
  readonly first: Promise<void>;
  private readonly all: Promise<void>;
  private read = 0;
  private onFirst!: () => void;
  private onAll!: () => void;
  private readonly consumer = kafka.consumer({ groupId: freshName('reader'), maxWaitTimeInMs: 50 });

  private constructor(count: number) {
    this.at = new Float64Array(count);
    this.first = new Promise((resolve) => {
      this.onFirst = resolve;
    });
    this.all = new Promise((resolve) => {
      this.onAll = resolve;
    });
  }

  /** Resolves when all results have arrived; never if some are missing. */
  complete(): Promise<void> {
    const late = wait(60_000, undefined, { ref: false }).then(() => {
      throw new Error(`There are ${this.read} results instead of ${this.at.length}.`);
    });
    return Promise.race([this.all, late]);
  }

  static async open(topic: string, count: number): Promise<ResultReader> {
    const reader = new ResultReader(count);
    const { consumer } = reader;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const now = performance.now();
        for (const { value, headers } of batch.messages) if (headers?.watermill === undefined) reader.take(value, now);
      },
    });
    return reader;
  }

  private take(value: Buffer | null, now: number): void {
    const { time, y } = JSON.parse(String(value));
    this.at[time] = now;
    this.digest.add(time);
    this.digest.add(y);
    if (this.read++ === 0) this.onFirst();
    if (this.read === this.at.length) this.onAll();
  }

  close(): Promise<void> {
    return this.consumer.disconnect();
  }
}
