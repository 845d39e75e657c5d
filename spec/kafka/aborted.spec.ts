import { setTimeout as wait } from 'node:timers/promises';
import type { Producer, Transaction } from 'kafkajs';
import { MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { Order, range, Sale } from '../mill/support/model.js';
import { Random } from '../support/random.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

/** A producer of transactions, one after another. */
class Writer {
  private transaction: Transaction | undefined;
  private sent: number[] = [];

  private constructor(
    private readonly producer: Producer,
    private readonly topic: string,
  ) {}

  static async open(topic: string): Promise<Writer> {
    const producer = cluster.kafka.producer({
      idempotent: true,
      transactionalId: uniqueName('writer'),
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return new Writer(producer, topic);
  }

  async send(times: readonly number[]): Promise<void> {
    this.transaction ??= await this.producer.transaction();
    const messages = times.map((time) => ({ partition: 0, value: JSON.stringify({ time, id: `o${time}` }) }));
    while (!(await this.isTaken(this.transaction.send({ topic: this.topic, messages })))) await wait(5);
    this.sent.push(...times);
  }

  /** The previous transaction must have its marker, which is written after the response. */
  private async isTaken(sending: Promise<unknown>): Promise<boolean> {
    return sending.then(
      () => true,
      (error) => {
        if (error.type !== 'CONCURRENT_TRANSACTIONS') throw error;
        return false;
      },
    );
  }

  /** Ends the transaction. Returns the values that readers should get. */
  async end(isCommitted: boolean): Promise<readonly number[]> {
    const { sent, transaction } = this;
    this.sent = [];
    this.transaction = undefined;
    await (isCommitted ? transaction?.commit() : transaction?.abort());
    return isCommitted ? sent : [];
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }
}

async function read(topic: string, maxBytesPerPartition: number): Promise<readonly number[]> {
  const sales = new MemoryMessageBroker([[Sale, []]]);
  const kafka = kafkaBroker([[Order, topic]], { maxBytesPerPartition });
  await new WaterMill({ process: copy, broker: [kafka, sales] }).run();
  return sales.written(Sale).map(({ amount }) => amount);
}

describeOnKafka('records of aborted transactions', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it('are never read, whatever the order in which their transactions began and were aborted', async () => {
    const topic = await cluster.topic();
    const [first, second] = [await Writer.open(topic), await Writer.open(topic)];
    await first.send([0, 1, 2]);
    await second.send([3]);
    await first.send([4]);
    await second.end(false);
    await second.send([5]);
    await first.end(false);
    await second.end(true);
    await cluster.end(topic);
    expect(await read(topic, 1_000_000)).toEqual([5]);
    await Promise.all([first.close(), second.close()]);
  });

  it.each([1, 2, 3])('are never read, wherever a fetch begins (seed %i)', async (seed) => {
    const random = new Random(seed);
    const topic = await cluster.topic();
    const writers = await Promise.all(range(4).map(() => Writer.open(topic)));
    const committed: number[] = [];
    let time = 0;
    for (let step = 0; step < 60; step++) {
      const writer = writers[random.int(writers.length)] as Writer;
      if (random.int(4) === 0) committed.push(...(await writer.end(random.int(3) === 0)));
      else await writer.send(range(1 + random.int(3)).map(() => time++));
    }
    for (const writer of writers) committed.push(...(await writer.end(random.int(2) === 0)));
    await cluster.end(topic);
    expect(await read(topic, 300)).toEqual(committed.sort((a, b) => a - b));
    await Promise.all(writers.map((writer) => writer.close()));
  });
});
