import { KafkaMessageBroker } from '../../lib/brokers/kafka/kafka-message-broker.js';
import { KafkajsClient } from '../../lib/brokers/kafka/kafkajs/client.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/options/kafka-options.js';
import { range } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { describeOnKafka, kafkaAddress } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** A connection of kafkajs to a broker. */
const { prototype } = require('kafkajs/src/broker/index.js') as { prototype: any };
const cluster = new TestCluster();

async function openClient(): Promise<KafkajsClient> {
  const retry = { retries: 2, initialRetryTime: 1 };
  const broker = new KafkaMessageBroker({ brokers: [kafkaAddress as string], topics: [], retry });
  const { settings } = broker as unknown as { settings: KafkaSettings };
  return KafkajsClient.open(settings, { logger: new RecordingLogger(), signal: new AbortController().signal });
}

async function readAll(client: KafkajsClient, topic: string): Promise<number[]> {
  const taken: number[] = [];
  await client.readAll(topic, 0, (record) => void taken.push(record.offset));
  return taken;
}

/**
 * Lets brokers refuse requests to leaders from clients that have not looked up the leaders since the last call of the
 * returned function, as if all partitions had another leader from then on.
 */
function moveLeaders(): () => void {
  let knowing: WeakSet<object> | undefined;
  const { metadata } = prototype;
  jest.spyOn(prototype, 'metadata').mockImplementation(async function (this: object, ...given: any[]) {
    const found = await metadata.apply(this, given);
    knowing?.add(this);
    return found;
  });
  for (const request of ['fetch', 'listOffsets']) {
    const real = prototype[request];
    jest.spyOn(prototype, request).mockImplementation(async function (this: object, ...given: any[]) {
      // A fetch is called on an object that inherits from its broker.
      const brokers = [this, Object.getPrototypeOf(this)];
      if (knowing === undefined || brokers.some((broker) => knowing?.has(broker))) return real.apply(this, given);
      const error = new Error('This server is not the leader for that topic-partition');
      throw Object.assign(error, { name: 'KafkaJSProtocolError', type: 'NOT_LEADER_FOR_PARTITION', retriable: true });
    });
  }
  return () => {
    knowing = new WeakSet();
  };
}

describeOnKafka('requests to the leader of a partition', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it('go to the new one after it has moved, while the former one runs', async () => {
    const topic = await cluster.topic();
    await cluster.write(topic, range(3).map(String));
    const move = moveLeaders();
    const client = await openClient();
    const all = async () => [
      await client.offsetsOf(topic),
      await client.offsetsAt(topic, 0),
      await readAll(client, topic),
      (await client.lastRecord(topic, 0))?.offset,
    ];
    const expected = [[{ partition: 0, low: 0, high: 3 }], [0], [0, 1, 2], 2];
    expect(await all()).toEqual(expected);
    move();
    expect(await all()).toEqual(expected);
    for (const request of [() => client.offsetsAt(topic, 0), () => readAll(client, topic)]) {
      move();
      await request();
    }
    await client.close();
  });

  it('are repeated from where they were, as long as a quota of the cluster throttles them', async () => {
    const topic = await cluster.topic();
    await cluster.write(topic, range(3).map(String));
    const real = prototype.fetch;
    let fetches = 0;
    jest.spyOn(prototype, 'fetch').mockImplementation(async function (this: object, ...given: any[]) {
      // The answer of a broker that throttles the client has no partitions.
      return ++fetches <= 5 ? { responses: [] } : real.apply(this, given);
    });
    const client = await openClient();
    expect(await readAll(client, topic)).toEqual([0, 1, 2]);
    expect((await client.lastRecord(topic, 0))?.offset).toBe(2);
    await client.close();
  });

  it('are not retried once the client is closed, and no broker is connected to again', async () => {
    const topic = await cluster.topic();
    const client = await openClient();
    let closing: Promise<void> | undefined;
    const connecting = jest.spyOn(prototype, 'connect');
    jest.spyOn(prototype, 'listOffsets').mockImplementation(async () => {
      closing = client.close();
      connecting.mockClear();
      throw Object.assign(new Error('no answer'), { retriable: true });
    });
    const asked = jest.mocked(prototype.listOffsets);
    await expect(client.offsetsOf(topic)).rejects.toMatchObject({ message: 'no answer' });
    await closing;
    expect(asked).toHaveBeenCalledTimes(1);
    expect(connecting).not.toHaveBeenCalled();
  });
});
