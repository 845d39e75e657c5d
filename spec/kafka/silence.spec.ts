import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, message, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import type { KafkaClient, Membership, TopicOffset } from '../../lib/brokers/kafka/client.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { Note } from '../plan/model.js';
import { until, VirtualClock } from '../support/virtual-clock.js';
import { fakeClient, recordOf, runOver } from './support/fake-client.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, describeOnOwnKafka } from './support/on-kafka.js';
import { OwnBroker } from './support/own-broker.js';
import { TestCluster } from './support/topics.js';

/** A topic whose leaders answer when the test says so. */
class Leaders {
  readonly client: KafkaClient;
  private membership: Membership | undefined;
  private readonly read = new Set<number>();
  private readonly next: number[];
  private stored: readonly TopicOffset[] = [];

  constructor(partitions = 1, checks: Partial<KafkaClient> = {}) {
    this.next = range(partitions).map(() => 0);
    const nothing = () => {};
    this.client = fakeClient({
      topics: async (topics) => new Map(topics.map((topic) => [topic, { partitions, id: topic }])),
      committed: async () => this.stored,
      committedFor: async (_, partition) => this.stored.filter((each) => each.partition === partition),
      join: async (membership) => {
        this.membership = membership;
        setImmediate(() => membership.assigned(range(partitions), false));
        return {
          seek: nothing,
          pause: nothing,
          resume: (_, partition) => void this.read.add(partition),
          rebalance: nothing,
          commit: async (offsets) => {
            this.stored = [...this.stored.filter(({ partition }) => partition !== offsets[0]?.partition), ...offsets];
          },
          leave: async () => {},
        };
      },
      ...checks,
    });
  }

  get areRead(): boolean {
    return this.read.size === this.next.length;
  }

  write(name: string, partition = 0, isForReaders = true): void {
    const from = this.next[partition] as number;
    const records = isForReaders ? [recordOf(from, JSON.stringify({ time: from, name }))] : [];
    this.next[partition] = from + 1;
    const high = from + 1;
    this.membership!.received({ topic: 'items', partition, from, next: high, high, records });
  }

  /** Every 100 ms, for a time. */
  async answer(clock: VirtualClock, ms: number, partitions: readonly number[] = [0]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      for (const partition of partitions) this.membership!.reachedEnd('items', partition, this.next[partition]!);
      await clock.advance(100);
    }
  }
}

function start({ client }: Leaders, stalled = () => 0) {
  const clock = new VirtualClock();
  // Timers are late by the time for which the process has stalled.
  const late: Clock = {
    now: () => clock.now() + stalled(),
    setTimer: (afterMs, callback) => clock.setTimer(afterMs, callback),
  };
  const seen: string[] = [];
  let isOver = false;
  const emit = ({ name }: { name: string }): Note => {
    seen.push(name);
    return Object.assign(new Note(), { text: name });
  };
  const ended = runOver(client, { dataTimeoutMs: 10_000, topicCheckIntervalMs: 3_600_000 }, emit, { clock: late });
  void ended.finally(() => {
    isOver = true;
  });
  return { clock, seen, ended, isOver: () => isOver };
}

describe('the silence of a topic', () => {
  it('ends its stream if its leader answers all the time, at that time', async () => {
    const leaders = new Leaders();
    const { clock, ended, isOver } = start(leaders);
    await until(() => leaders.areRead);
    leaders.write('a');
    await leaders.answer(clock, 9_900);
    expect(isOver()).toBe(false);
    await leaders.answer(clock, 400);
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 1 });
  });

  it('begins anew when its leader answers again', async () => {
    const leaders = new Leaders();
    const { clock, seen, ended, isOver } = start(leaders);
    await until(() => leaders.areRead);
    leaders.write('a');
    await leaders.answer(clock, 9_000);
    await clock.advance(60_000);
    await leaders.answer(clock, 9_900);
    expect(isOver()).toBe(false);
    leaders.write('b');
    await leaders.answer(clock, 10_400);
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 2 });
    expect(seen).toEqual(['a', 'b']);
  });

  it('does not end while a leader is away and that of another partition answers', async () => {
    const leaders = new Leaders(2);
    const { clock, seen, ended, isOver } = start(leaders);
    await until(() => leaders.areRead);
    leaders.write('a');
    leaders.write('b', 1);
    await leaders.answer(clock, 1_000, [0, 1]);
    await leaders.answer(clock, 60_000);
    expect(isOver()).toBe(false);
    leaders.write('c', 1);
    await leaders.answer(clock, 10_400, [1]);
    expect(await ended).toMatchObject({ ended: 'timeout' });
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('includes records that are not for readers, such as those of aborted transactions', async () => {
    const leaders = new Leaders();
    const { clock, ended } = start(leaders);
    await until(() => leaders.areRead);
    leaders.write('a');
    for (const _ of range(5)) {
      await leaders.answer(clock, 1_900);
      leaders.write('', 0, false);
    }
    await leaders.answer(clock, 700);
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 1 });
  });

  it('is none if there are records whose topic is still being checked', async () => {
    let isStuck = false;
    const topics: KafkaClient['topics'] = async (names) => {
      if (isStuck) await new Promise(() => {});
      return new Map(names.map((topic) => [topic, { partitions: 1, id: topic }]));
    };
    const leaders = new Leaders(1, { topics });
    const { clock, isOver } = start(leaders);
    await until(() => leaders.areRead);
    leaders.write('a');
    await leaders.answer(clock, 5_000);
    isStuck = true;
    leaders.write('b');
    await leaders.answer(clock, 60_000);
    expect(isOver()).toBe(false);
  });

  it('does not begin anew because this process has stalled', async () => {
    const leaders = new Leaders();
    let stalledMs = 0;
    const { clock, ended } = start(leaders, () => stalledMs);
    await until(() => leaders.areRead);
    leaders.write('a');
    for (const _ of range(2)) {
      await leaders.answer(clock, 1_000);
      stalledMs += 4_500;
    }
    await leaders.answer(clock, 8_100);
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 1 });
  });
});

const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
const ordersOf = (times: readonly number[]) => times.map((time) => ({ time, id: `o${time}` }));

describeOnKafka('a topic on Kafka that is silent', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it('has not ended while a transaction in it is open', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, ordersOf([0]));
    // Before the mill begins: opening a transaction may take longer than the timeout.
    const end = await cluster.writeInOpenTransaction(orders, ordersOf([1]));
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const mill = new WaterMill({ process: copy, broker: kafkaBroker(topics, { dataTimeoutMs: 2_000 }) });
    const ended = mill.run();
    await until(() => mill.progress().calls === 1);
    await wait(5_000);
    await end(true);
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 2 });
  });
});

describeOnKafka('a fetch', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it('has a version to which a follower of the partition, which may be behind, does not answer', async () => {
    const { prototype } = require('kafkajs/src/network/connectionPool.js');
    const send = jest.spyOn(prototype, 'send');
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, ordersOf([0]));
    await cluster.end(orders);
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    await new WaterMill({ process: copy, broker: kafkaBroker(topics) }).run();
    const requests = send.mock.calls.map(([exchange]: any) => exchange.request);
    const versions = requests.filter(({ apiKey }) => apiKey === 1).map(({ apiVersion }) => apiVersion);
    expect([...new Set(versions)]).toEqual([10]);
  });
});

describeOnOwnKafka('a topic whose broker is stopped', () => {
  jest.setTimeout(60_000);
  let own: OwnBroker;
  let cluster: TestCluster;
  beforeAll(async () => {
    own = await OwnBroker.start();
    cluster = await new TestCluster(own.address).open();
  });
  afterAll(async () => {
    await cluster.close();
    await own.stop();
  });

  it('has not ended, even if that takes longer than `dataTimeoutMs`', async () => {
    const [orders, sales] = [await cluster.topic(), await cluster.topic()];
    await cluster.write(orders, ordersOf([0]));
    const broker = new KafkaMessageBroker({
      brokers: [own.address],
      group: orders,
      topics: [
        [Order, orders],
        [Sale, sales],
      ],
      dataTimeoutMs: 3_000,
    });
    const mill = new WaterMill({ process: copy, broker });
    const ended = mill.run();
    await until(() => mill.progress().calls === 1);
    await own.pause();
    await wait(7_000);
    // It is waiting when the broker continues: a stream that is silent for another 3 seconds has ended.
    const writing = cluster.write(orders, ordersOf([1]));
    await own.continue();
    await writing;
    const start = performance.now();
    expect(await ended).toMatchObject({ ended: 'timeout', calls: 2 });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await cluster.values(sales)).toHaveLength(2);
  });
});
