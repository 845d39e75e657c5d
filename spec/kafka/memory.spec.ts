import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { range } from '../mill/support/model.js';
import { isDeep } from '../support/cases.js';
import { describeOnKafka, kafkaAddress, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
/** `npm run test:deep -- --cases 1 spec/kafka/memory` uses five million. */
const elements = isDeep() ? 5_000_000 : 100_000;
const matchEvery = elements / 200;
/** In the log of a topic, with batches of 500 records. */
const leastBytesPerRecord = 20;
const maxBytesPerPartition = 262_144;
/** One fetch is being read, two wait. */
const mostFetches = 3;
const mostHeldMb = 64;

interface Told {
  readonly received: Readonly<Record<string, number>>;
  readonly rss: number;
  readonly peak: number;
  readonly waits: boolean;
}

/** A mill in a separate process, with its last message. */
class Worker {
  told: Told | undefined;
  readonly ended: Promise<unknown>;
  private readonly child: ChildProcess;

  constructor(setup: object) {
    const env = { ...process.env, WATERMILL_MEMORY: JSON.stringify(setup) };
    this.child = fork(path.join(__dirname, 'support/memory-worker.cjs'), { env });
    this.child.on('message', (told) => {
      this.told = told as Told;
    });
    this.ended = once(this.child, 'exit').then(([code]) => expect(code).toBe(0));
    this.ended.catch(() => {});
  }

  async until(holds: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      if (this.child.exitCode !== null) await this.ended;
      if (this.told !== undefined && holds(this.told)) return this.told;
      await wait(10);
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

describeOnKafka('a mill one of whose topics is behind', () => {
  let worker: Worker | undefined;
  beforeAll(() => cluster.open());
  afterEach(() => worker?.kill());
  afterAll(() => cluster.close());

  it.each(['master', 'child'])('holds three fetches of its %s', async (ahead) => {
    const [orders, prices, sales] = [await cluster.topic(), await cluster.topic(), await cluster.topic()];
    const [fast, slow] = ahead === 'master' ? [orders, prices] : [prices, orders];
    for (let from = 0; from < elements; from += 10_000) {
      await cluster.write(
        fast,
        range(10_000, from).map((time) => ({ time })),
      );
    }
    await cluster.end(fast);
    worker = new Worker({
      ...{ address: kafkaAddress, group: uniqueName('group'), orders, prices, sales, maxBytesPerPartition },
    });
    const first = await worker.until(({ received, waits }) => (received[fast] as number) > 0 && waits);
    // The client that would fetch more of the other topic fetches these as well, and they decide nothing.
    for (const i of range(30, 1)) {
      await cluster.write(slow, [{ time: -1 }]);
      await worker.until(({ received }) => received[slow] === i);
    }
    const waiting = worker.told as Told;
    await cluster.write(
      slow,
      range(200).map((i) => ({ time: i * matchEvery })),
    );
    await cluster.end(slow);
    await worker.ended;
    const { peak } = worker.told as Told;
    const mb = (bytes: number): number => Math.round(bytes / 1_048_576);
    const sizes = `${mb(first.rss)} MB at first, ${mb(waiting.rss)} MB later, ${mb(peak)} MB at most`;
    console.info(`${elements} records of the ${ahead} ahead: ${waiting.received[fast]} held; ${sizes}`);
    expect(waiting.received[fast]).toBeLessThanOrEqual((mostFetches * maxBytesPerPartition) / leastBytesPerRecord);
    expect(mb(waiting.rss - first.rss)).toBeLessThan(mostHeldMb);
    expect((await cluster.values(sales)).map(({ time }) => time)).toEqual(range(200).map((i) => i * matchEvery));
  });
});
