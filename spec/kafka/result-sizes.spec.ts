import { message, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { KafkaClientError, type KafkaProducer } from '../../lib/brokers/kafka/client.js';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { Note } from '../plan/model.js';
import { clientWith, fakeProducer, recordsOf, runOver } from './support/fake-client.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** A producer of a topic with a limit of records per request. */
function countingProducer(most: number): { sent: number[][]; producer: KafkaProducer } {
  const sent: number[][] = [];
  const send: KafkaProducer['send'] = async (_, records) => {
    if (records.length > most) throw new KafkaClientError('too large', new Error('too many'));
    sent.push(recordsOf(records).map(({ value }) => value?.length ?? 0));
  };
  return { sent, producer: fakeProducer({ send }) };
}

describe('requests', () => {
  const items = range(7).map((time) => ({ time, name: 'abcdefg'[time] as string }));

  it('that are too large are split in halves, in order', async () => {
    const texts: string[] = [];
    const send: KafkaProducer['send'] = async (_, records) => {
      if (records.length > 2) throw new KafkaClientError('too large', new Error('too many'));
      texts.push(
        ...recordsOf(records)
          .filter(({ headers }) => headers === undefined)
          .map(({ value }) => JSON.parse(`${value}`).text),
      );
    };
    await runOver(clientWith(items, { openProducer: async () => fakeProducer({ send }) }));
    expect(texts.join('')).toBe('abcdefg');
  });

  it('of one record that is too large fail the run, and name it', async () => {
    const { producer } = countingProducer(0);
    const error = (await rejection(runOver(clientWith(items, { openProducer: async () => producer })))) as Error;
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED', details: { stream: 'notes', message: 'Note' } });
    expect(error.message).toMatch(
      /^An element of Note is too large for notes: it takes \d+ bytes as a record, and the topic accepts fewer/,
    );
  });

  it.each([
    ['large', 3_000, 10_000, [3, 3, 1]],
    ['of few bytes, but more in UTF-8', 1_000, 10_000, [3, 3, 1]],
    ['small', 3, 10_000, [7]],
    // Small ones are not measured; if a topic accepts little, all are.
    ['small, where little is taken', 3, 250, [5, 2]],
  ])('contain no more bytes than the topic accepts: %s', async (what, length, maxBytes, counts) => {
    const { sent, producer } = countingProducer(500);
    const limitsOf = async () => ({ maxBytes, isCompacted: false });
    const letter = what.includes('UTF-8') ? '€' : 'x';
    await runOver(clientWith(items, { openProducer: async () => producer, limitsOf }), {}, () =>
      Object.assign(new Note(), { text: letter.repeat(length) }),
    );
    expect(sent.slice(0, -1).map((request) => request.length)).toEqual(counts);
  });
});

describeOnKafka('results', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  interface Sized {
    readonly from: string;
    readonly to: string;
    readonly sizes: (time: number) => number;
    readonly options?: Partial<KafkaOptions>;
  }

  function sized({ from, to, sizes, options = {} }: Sized): WaterMill<any> {
    const process = processFunction(Order, { emits: [Sale] }, ({ time }) =>
      message(Sale, { id: 'x'.repeat(sizes(time)), amount: time }),
    );
    const entries = [
      [Order, from],
      [Sale, to],
    ] as const;
    return new WaterMill({ process, broker: kafkaBroker(entries, options as any) });
  }

  async function orders(count: number): Promise<string> {
    const topic = await cluster.topic();
    await cluster.write(
      topic,
      range(count).map((time) => ({ time, id: 'o' })),
    );
    await cluster.end(topic);
    return topic;
  }

  it.each(guarantees)(
    'of 3 kB are written to a topic as it is by default, a thousand of them: %s',
    async (guarantee) => {
      const [from, to] = [await orders(1_000), await cluster.topic()];
      await sized({ from, to, sizes: () => 3_000, options: { guarantee } }).run();
      expect((await cluster.values(to)).map(({ amount }) => amount)).toEqual(range(1_000));
    },
  );

  it('fit to the byte, and one more byte is too large, with its size in the error', async () => {
    const to = await cluster.topic(1, { 'max.message.bytes': '2000' });
    // 61 of the batch, 2 + 3 + 1 + 2 + 1 of the record, and {"id":"…","amount":0}.
    const fits = 2_000 - 70 - '{"id":"","amount":0}'.length;
    await sized({ from: await orders(1), to, sizes: () => fits }).run();
    const next = await cluster.topic(1, { 'max.message.bytes': '2000' });
    const error = await rejection(sized({ from: await orders(1), to: next, sizes: () => fits + 1 }).run());
    expect((error as Error).message).toContain(
      `An element of Sale is too large for ${next}: it takes 2001 bytes as a record, and the topic accepts at most 2000 (max.message.bytes).`,
    );
  });

  it.each(guarantees)(
    'before one that is too large are committed, and not repeated by the next run: %s',
    async (guarantee) => {
      const [from, to, group] = [
        await orders(10),
        await cluster.topic(1, { 'max.message.bytes': '2000' }),
        uniqueName('g'),
      ];
      for (const _ of ['first', 'again']) {
        const run = sized({ from, to, sizes: (time) => (time === 6 ? 5_000 : 3), options: { group, guarantee } }).run();
        expect(await rejection(run)).toMatchObject({
          code: 'WM_BAD_RESULT',
          details: { stream: from, position: 6, message: 'Sale', expected: 'at most 2000 bytes' },
        });
        expect((await cluster.read(to)).map(({ value }) => JSON.parse(value as string).amount)).toEqual(range(6));
      }
    },
  );
});
