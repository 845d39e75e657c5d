import { message, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { Order, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

function broker(options: object, orders = 'orders', sales = 'sales') {
  const topics = [
    [Order, orders],
    [Sale, sales],
  ] as const;
  return kafkaBroker(topics, options as Partial<KafkaOptions>);
}

const count = 'a whole number from 1 to 2147483647';

describe('an option of KafkaMessageBroker', () => {
  it.each<[option: string, expected: string, values: readonly unknown[]]>([
    ...['sessionTimeoutMs', 'rebalanceTimeoutMs', 'topicCheckIntervalMs', 'transactionTimeoutMs'].map(
      (name): [string, string, unknown[]] => [name, count, [0, 1.5, 2 ** 31, Number.NaN, '5']],
    ),
    ['maxWaitMs', count, [0, 2 ** 31]],
    ['maxBytesPerPartition', count, [0, 2 ** 31]],
    ['connectionTimeout', count, ['abc', 0, -1, Number.POSITIVE_INFINITY]],
    ['requestTimeout', count, ['abc', 0, -5]],
    ['authenticationTimeout', count, [false]],
    ['reauthenticationThreshold', count, [-1]],
    ['enforceRequestTimeout', 'true or false', ['no']],
    ['socketFactory', 'a function', [5]],
    ['clientId', 'a non-empty string', [5]],
    ['heartbeatIntervalMs', 'less than sessionTimeoutMs (6000)', [6_000]],
    ['maxWaitMs', 'less than sessionTimeoutMs (6000)', [6_000]],
    [
      'retry',
      '{ retries, initialRetryTime, maxRetryTime, multiplier, factor }: retries a',
      [
        { retries: '3' },
        { retries: 0 },
        { retries: -1 },
        { retries: Number.NaN },
        { initialRetryTime: 'x' },
        { maxRetryTime: -1 },
        { maxRetryTime: 2 ** 31 },
        { multiplier: Number.NaN },
        { factor: 'a' },
      ],
    ],
    [
      'startFrom',
      "'earliest', 'latest', a Date, or { topic",
      [{ orders: { first: 1 } }, { orders: { 0: -1 } }, { orders: { '1.5': 1 } }],
    ],
  ])('%s must be %s', (option, expected, values) => {
    for (const value of values) {
      expect(() => broker({ [option]: value })).toThrow(
        `The option '${option}' of KafkaMessageBroker is wrong: expected ${expected}`,
      );
    }
  });

  it('maxWaitMs must be less than requestTimeout, if that is enforced', () => {
    expect(() => broker({ maxWaitMs: 500, requestTimeout: 500 })).toThrow(
      "The option 'maxWaitMs' of KafkaMessageBroker is wrong: expected less than requestTimeout (500), found 500.",
    );
    broker({ maxWaitMs: 500, requestTimeout: 500, enforceRequestTimeout: false });
  });

  it('createTopics has whole numbers above 0', () => {
    for (const name of ['partitions', 'replicationFactor']) {
      for (const value of [0, 1.5, '3']) {
        expect(() => broker({ createTopics: { [name]: value } })).toThrow(
          `The option 'createTopics.${name}' of KafkaMessageBroker is wrong: expected ${count}`,
        );
      }
    }
  });

  it('is not shown if it may be secret', () => {
    const sasl = { username: 'u', password: 'do-not-tell' };
    expect(() => broker({ sasl })).toThrow(
      'The option \'sasl\' of KafkaMessageBroker is wrong: expected an object such as { mechanism: \'scram-sha-512\', username, password }, found ["username", "password"].',
    );
    expect(() => broker({ ssl: 'do-not-tell' })).toThrow(
      "The option 'ssl' of KafkaMessageBroker is wrong: expected true, false or an object with Node's options for TLS, found \"string\".",
    );
  });
});

describeOnKafka('an option of KafkaMessageBroker on a cluster', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  const topics = async (): Promise<[orders: string, sales: string]> => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, [{ id: 'a', time: 1 }]);
    await cluster.end(orders);
    return [orders, sales];
  };

  it('retry: a single one, and undefined for a default', async () => {
    const [orders, sales] = await topics();
    const run = (options: object) => new WaterMill({ process: copy, broker: broker(options, orders, sales) }).run();
    // A new cluster has no coordinators of groups at first.
    await run({});
    expect((await run({ retry: { retries: 1, maxRetryTime: undefined } })).calls).toBe(1);
  });

  it('createTopics: creates nothing if the mill could not use it', async () => {
    const [orders] = await topics();
    const sales = uniqueName('sales');
    const error = await rejection(
      new WaterMill({ process: copy, broker: broker({ createTopics: { partitions: 3 } }, orders, sales) }).run(),
    );
    expect(error).toMatchObject({ code: 'WM_PARTITION_COUNTS', details: { found: `${orders} 1, ${sales} 3` } });
    expect(await cluster.exists(sales)).toBe(false);
  });

  it('startFrom: a time before 1970 is before all records', async () => {
    const [orders, sales] = await topics();
    for (const time of [-1, -5]) {
      const startFrom = new Date(time);
      const report = await new WaterMill({ process: copy, broker: broker({ startFrom }, orders, sales) }).run();
      expect(report.calls).toBe(1);
    }
  });

  it('startFrom: an unknown partition is refused, and an offset after the end names the option', async () => {
    const [orders, sales] = await topics();
    const run = (offsets: object) =>
      rejection(
        new WaterMill({ process: copy, broker: broker({ startFrom: { [orders]: offsets } }, orders, sales) }).run(),
      );
    const unknown = await run({ 1: 0 });
    expect(unknown).toMatchObject({ code: 'WM_BROKER_OPTIONS', details: { stream: orders, found: '1' } });
    expect(unknown.message).toContain(`names partition 1 of ${orders}, which has 1: expected a partition below 1.`);
    const beyond = await run({ 0: 9 });
    expect(beyond.code).toBe('WM_POSITION_LOST');
    expect(beyond.message).toContain(`partition 0 is beyond its end (2): the option startFrom is wrong, the topic was`);
  });
});
