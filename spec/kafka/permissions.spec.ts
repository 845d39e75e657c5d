import { Field, field, Message, message, processFunction, table, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import type { KafkaClient } from '../../lib/brokers/kafka/client.js';
import { KafkajsClient } from '../../lib/brokers/kafka/kafkajs/client.js';
import { withRefusals } from '../../lib/brokers/kafka/kafkajs/coordinator-refusals.js';
import { decodedMetadata } from '../../lib/brokers/kafka/kafkajs/topic-metadata.js';
import { openConnection } from '../../lib/brokers/kafka/open-connection.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/options/kafka-options.js';
import { Order, Sale } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { fakeClient, runOver } from './support/fake-client.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** A connection of kafkajs to a broker. */
const { prototype } = require('kafkajs/src/broker/index.js') as { prototype: any };
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

@Message()
class Count {
  @Field() id!: string;
}
class Counts extends table(Count, { key: field(Count, 'id') }) {}

/** A client whose user may do some things with a topic only. */
function restricted(limited: string, rights: object): KafkaClient {
  const topics: KafkaClient['topics'] = async (names) =>
    new Map(names.map((topic) => [topic, { partitions: 1, id: topic, ...(topic === limited && rights) }]));
  return fakeClient({ topics, limitsOf: async () => ({ maxBytes: undefined, isCompacted: true }) });
}

/** Metadata as a broker encodes it, of a topic without partitions. */
function metadataWith(operations: number): Buffer {
  const end = Buffer.alloc(5);
  end.writeInt32BE(operations);
  const topic = [Buffer.from([0, 0, 2, 0x74]), Buffer.alloc(16), Buffer.of(0, 1), end];
  return Buffer.concat([Buffer.of(0), Buffer.alloc(4), Buffer.of(1, 0), Buffer.alloc(4), Buffer.of(2), ...topic]);
}

describe('a topic that this user', () => {
  it.each([
    ['items', { mayRead: false }, 'may not read the topic items. Give it the operation Read'],
    ['notes', { mayWrite: false }, 'may not write to the topic notes. Give it the operation Write'],
  ])('may not use is named when the mill starts: %s %j', async (topic, rights, words) => {
    const error = await rejection(runOver(restricted(topic, rights)));
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED', details: { stream: topic } });
    expect(error.message).toContain(`This user ${words}`);
  });

  it.each([
    ['items', { mayRead: true, mayWrite: false }],
    ['notes', { mayRead: false, mayWrite: true }],
  ])('may use as the mill does is accepted: %s %j', async (topic, rights) => {
    const join = () => Promise.reject(new Error('this far'));
    expect((await rejection(runOver({ ...restricted(topic, rights), join }))).message).toContain('this far');
  });

  it.each([{ mayRead: false }, { mayWrite: false }])('may not use for a table is named, too: %j', async (rights) => {
    const client = restricted('g-Counts-changelog', rights);
    const broker = new KafkaMessageBroker({ brokers: ['nowhere:1'], group: 'g', topics: [[Order, 'orders']] });
    const { settings } = broker as unknown as { settings: KafkaSettings };
    broker.connect = (request) => openConnection(client, settings, request);
    const count = processFunction(Order, { inject: [Counts] }, ({ id }, counts) => counts.put({ id }));
    const error = await rejection(new WaterMill({ process: count, broker }).run());
    expect(error.message).toContain('the topic g-Counts-changelog');
  });
});

it.each([
  ['none, as the broker does not say them', -(2 ** 31), undefined, undefined],
  ['none, as the broker does not know them', 0, undefined, undefined],
  ['only its description', 1 << 8, false, false],
  ['reading', (1 << 8) | (1 << 3), true, false],
  ['writing', (1 << 8) | (1 << 4), false, true],
])('the operations on a topic in the metadata: %s', (_, operations, mayRead, mayWrite) => {
  expect(decodedMetadata(metadataWith(operations))).toMatchObject([{ topic: 't', mayRead, mayWrite }]);
});

it('a coordinator is not looked up once more in an outage', async () => {
  const outage = Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError', code: 'ECONNREFUSED' });
  const findConnectedBroker = jest.fn(() => Promise.reject(outage));
  const findGroupCoordinatorMetadata = () => Promise.reject(outage);
  const cluster = withRefusals({ findGroupCoordinatorMetadata, brokerPool: { findConnectedBroker } } as any) as any;
  await expect(cluster.findGroupCoordinatorMetadata({ groupId: 'g' })).rejects.toBe(outage);
  expect(findConnectedBroker).not.toHaveBeenCalled();
});

describeOnKafka('permissions on Kafka', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it('are those that the broker names', async () => {
    const broker = new KafkaMessageBroker({ brokers: [kafkaAddress as string], topics: [] });
    const { settings } = broker as unknown as { settings: KafkaSettings };
    const signal = new AbortController().signal;
    const client = await KafkajsClient.open(settings, { logger: new RecordingLogger(), signal });
    const topic = await cluster.topic();
    expect((await client.topics([topic])).get(topic)).toMatchObject({ partitions: 1, mayRead: true, mayWrite: true });
    await client.close();
  });

  it.each([
    ['group', guarantees[1]!, 0, 'GROUP_AUTHORIZATION_FAILED'],
    ['transactional id', 'exactly-once' as const, 1, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
  ])('on a %s are missing: the error names it, at once', async (_, guarantee, kind, type) => {
    const [orders, sales, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
    const real = prototype.findGroupCoordinator;
    jest.spyOn(prototype, 'findGroupCoordinator').mockImplementation(async function (this: object, asked: any) {
      if ((asked.coordinatorType ?? 0) !== kind) return real.call(this, asked);
      throw Object.assign(new Error('refused'), { name: 'KafkaJSProtocolError', type, retriable: false });
    });
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const logger = new RecordingLogger();
    const broker = kafkaBroker(topics, { group, guarantee });
    const error = await rejection(new WaterMill({ process: copy, broker, logger }).run());
    expect(error.message).toContain(`${kind === 0 ? group : `${group}-0`}: refused. Check the option sasl`);
    expect(logger.lines.filter(({ text }) => text.startsWith('Retrying'))).toEqual([]);
  });
});
