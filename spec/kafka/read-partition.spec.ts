import { Field, field, Message, message, processFunction, table, WaterMill } from 'watermill';
import { KafkaClientError } from '../../lib/brokers/kafka/client.js';
import type { FetchedPart } from '../../lib/brokers/kafka/kafkajs/cluster.js';
import { type FetchFrom, readPartition } from '../../lib/brokers/kafka/kafkajs/read-partition.js';
import { retrying } from '../../lib/brokers/kafka/kafkajs/retrying.js';
import { tableTopic } from '../../lib/brokers/kafka/tables/table-topics.js';
import { Order, range } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { until } from '../support/virtual-clock.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

describe('a partition that is read to its end', () => {
  let taken: number[] = [];
  const readBy = async (fetchFrom: FetchFrom): Promise<number[]> => {
    taken = [];
    await readPartition(fetchFrom, 't, partition 3', { low: 0, high: 3 }, ({ offset }) => void taken.push(offset));
    return taken;
  };
  const read = (parts: readonly FetchedPart[]): Promise<number[]> => {
    const left = [...parts];
    return readBy(async (_, check) => check(left.shift() as FetchedPart));
  };
  const retry = { retries: 2, initialRetryTime: 1, maxRetryTime: 1, multiplier: 1, factor: 0 };
  const part = (offsets: readonly number[], readable: number): FetchedPart => {
    const records = offsets.map((offset) => ({ offset })) as never;
    return { fetched: { records, next: (offsets.at(-1) as number) + 1 }, readable, end: 6 };
  };

  it('ends where what was at its end was compacted away', async () => {
    expect(await read([part([0, 2], 6), { fetched: undefined, readable: 6, end: 6 }])).toEqual([0, 2]);
  });

  it.each<[string, readonly FetchedPart[], readonly number[]]>([
    ['from the start', [part([0, 2], 4)], []],
    ['later', [part([0, 2], 6), { fetched: undefined, readable: 4, end: 6 }], [0, 2]],
  ])('is an error that is tried again where the rest cannot be read yet, %s', async (_, parts, expected) => {
    const error = (await read(parts).catch((thrown) => thrown)) as KafkaClientError;
    expect(error).toMatchObject({ kind: 'interrupted' });
    expect(error.message).toBe(
      't, partition 3, has records up to offset 6, and those from 4 on cannot be read yet: a transaction is open, or the leader has just changed',
    );
    expect(taken).toEqual(expected);
  });

  it('is an error when the retries are exhausted, which says why', async () => {
    let attempts = 0;
    const error = await readBy((_, check) =>
      retrying(retry, async () => {
        attempts++;
        return check(part([0], 4));
      }),
    ).catch((thrown) => thrown);
    expect(attempts).toBe(3);
    expect(error).toMatchObject({
      kind: 'given up',
      message: expect.stringContaining('those from 4 on cannot be read yet'),
    });
  });

  it('continues after an interruption where it was', async () => {
    const asked: number[] = [];
    const found = await readBy((offset, check) =>
      retrying(retry, async () => {
        asked.push(offset);
        if (asked.length === 2) throw new KafkaClientError('interrupted', 'a connection broke');
        return check(part(offset === 0 ? [0, 2] : [3, 5], 6));
      }),
    );
    expect({ found, asked }).toEqual({ found: [0, 2, 3, 5], asked: [0, 3, 3] });
  });
});

@Message()
class Count {
  @Field() id!: string;
  @Field() n!: number;
}

class Counts extends table(Count, { key: field(Count, 'id') }) {}

describeOnKafka('a table whose changes end in a transaction that is open', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it('is restored when it is over, and whole', async () => {
    const orders = await cluster.topic();
    await cluster.write(
      orders,
      range(6).map((time) => ({ time, id: `o${time}` })),
    );
    await cluster.end(orders);
    const group = uniqueName('group');
    const logger = new RecordingLogger();
    const seen: number[] = [];
    const millTo = (last: number, before: (time: number) => Promise<unknown>) => {
      const process = processFunction(Order, { inject: [Counts] }, async ({ time, id }, counts) => {
        await before(time);
        seen.push(counts.size);
        counts.put(message(Count, { id, n: 1 }));
        if (time === last) void mill.stop();
      });
      const broker = kafkaBroker([[Order, orders]], { group, createTopics: true });
      const mill = new WaterMill({ process, broker, logger, commitEvery: { elements: 1 } });
      return mill;
    };
    const other = cluster.kafka.producer({ idempotent: true, transactionalId: uniqueName('other') });
    await other.connect();
    let end: (() => Promise<void>) | undefined;
    await millTo(3, async (time) => {
      if (time !== 2) return;
      const transaction = await other.transaction();
      await transaction.send({
        topic: tableTopic(group, 'Counts'),
        messages: [{ partition: 0, key: '"x"', value: '{}' }],
      });
      end = () => transaction.abort();
    }).run();
    const rest = millTo(9, async () => {}).run();
    rest.catch(() => {});
    await until(() => logger.lines.some(({ text }) => text.includes('cannot be read yet')));
    await end?.();
    await rest;
    await other.disconnect();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
