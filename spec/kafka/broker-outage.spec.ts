import { setTimeout as wait } from 'node:timers/promises';
import { message, processFunction, WaterMill } from 'watermill';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { isDeep } from '../support/cases.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnOwnKafka } from './support/on-kafka.js';
import { OwnBroker } from './support/own-broker.js';
import { TestCluster } from './support/topics.js';

jest.setTimeout(180_000);

const partitions = 2;
const elements = 5_000;
/** Longer than the request timeout; `npm run test:deep -- --cases 1 spec/kafka/broker-outage` waits longer. */
const pauseMs = isDeep() ? 20_000 : 2_500;

describeOnOwnKafka('while its broker is away', () => {
  let own: OwnBroker;
  let cluster: TestCluster;
  beforeAll(async () => {
    own = await OwnBroker.start();
  });
  beforeEach(async () => {
    cluster = await new TestCluster(own.address).open();
  });
  afterEach(() => cluster.close().catch(() => {}));
  afterAll(() => own?.stop());

  interface Run {
    readonly guarantee: Guarantee;
    readonly ended: Promise<unknown>;
    readonly sales: string;
    /** Resolves when the mill is in the middle of its work. */
    readonly isAtWork: Promise<void>;
  }

  async function startBoth(retry: object): Promise<readonly Run[]> {
    const runs = await Promise.all(guarantees.map((guarantee) => start(guarantee, retry)));
    await Promise.all(runs.map(({ isAtWork }) => isAtWork));
    return runs;
  }

  async function start(guarantee: Guarantee, retry: object): Promise<Run> {
    const [orders, sales] = [await cluster.topic(partitions), await cluster.topic(partitions)];
    for (const partition of range(partitions)) {
      const values = range(elements).map((time) => ({ time, id: `o${time}` }));
      await cluster.write(orders, values, partition);
    }
    await cluster.end(orders, partitions);
    let calls = 0;
    let atWork = (): void => {};
    const isAtWork = new Promise<void>((resolve) => {
      atWork = resolve;
    });
    const copy = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      if (++calls === 2_000) atWork();
      if (time % 10 === 0) await wait(1);
      return message(Sale, { id, amount: time });
    });
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const options = { brokers: [own.address], guarantee, requestTimeout: 1_000, connectionTimeout: 1_000, retry };
    const mill = new WaterMill({
      process: copy,
      broker: kafkaBroker(topics, options),
      commitEvery: { elements: 200 },
    });
    const ended = mill.run();
    ended.catch(() => {});
    return { guarantee, ended, sales, isAtWork };
  }

  async function check({ guarantee, ended, sales }: Run): Promise<void> {
    await ended;
    const records = await cluster.readEnded(sales, partitions);
    for (const partition of range(partitions)) {
      const ofPartition = records.filter((record) => record.partition === partition && !record.isEnd);
      const found = ofPartition.map(({ value }) => JSON.parse(value as string).amount);
      expect(guarantee === 'exactly-once' ? found : [...new Set(found)]).toEqual(range(elements));
    }
  }

  it('killed and restarted, mills continue', async () => {
    const runs = await startBoth({ retries: 30, maxRetryTime: 2_000 });
    await own.kill();
    await own.begin();
    for (const run of runs) await check(run);
  });

  it('stopped for longer than the request timeout, mills continue', async () => {
    const runs = await startBoth({ retries: 30, maxRetryTime: 2_000 });
    await own.pause();
    await wait(pauseMs);
    await own.continue();
    for (const run of runs) await check(run);
  });

  it('for good, mills fail', async () => {
    const runs = await startBoth({ retries: 2, initialRetryTime: 50, maxRetryTime: 100 });
    await own.kill();
    for (const { ended } of runs) expect(await rejection(ended)).toMatchObject({ code: 'WM_KAFKA_FAILED' });
  });
});
