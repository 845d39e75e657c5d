import type { Kafka } from 'kafkajs';
import { KafkaClientError, type KafkaFailure, type OutgoingRecord } from '../../lib/brokers/kafka/client.js';
import { useOwnRecords } from '../../lib/brokers/kafka/kafkajs/own-records.js';
import { KafkajsProducer } from '../../lib/brokers/kafka/kafkajs/producer.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/options/kafka-options.js';
import { LaneWriters } from '../../lib/brokers/kafka/results/lane-writers.js';
import { fakeClient, fakeProducer } from './support/fake-client.js';

const settings = { retry: { retries: 1, initialRetryTime: 1, maxRetryTime: 1, multiplier: 1, factor: 0 } };

/** A producer over a fake client library; `attempt` is called for each attempt to send. */
function producerOver(attempt: (value: string) => Promise<void>): KafkajsProducer {
  const send = async ({ messages }: any): Promise<object[]> => {
    await attempt(messages[0].records[0].value);
    return [{ baseOffset: '5' }];
  };
  return new KafkajsProducer(() => ({ send }) as any, settings as unknown as KafkaSettings, undefined);
}

const record = (value: string, partition = 0): OutgoingRecord => ({ partition, key: null, value });

describe('a producer shared by several lanes', () => {
  it('sends nothing to a partition between two attempts of a request to it', async () => {
    const attempts: string[] = [];
    const producer = producerOver(async (value) => {
      attempts.push(value);
      if (attempts.length === 1) throw new KafkaClientError('interrupted', 'no answer');
    });
    const sent = await Promise.all([producer.send('t', [record('a')]), producer.send('t', [record('b')])]);
    expect(attempts).toEqual(['a', 'a', 'b']);
    expect(sent).toEqual([6, 6]);
  });

  it('does not delay other partitions and topics', async () => {
    const attempts: string[] = [];
    const producer = producerOver(async (value) => {
      attempts.push(value);
      if (value === 'a') await new Promise(() => {});
    });
    void producer.send('t', [record('a')]);
    await Promise.all([producer.send('t', [record('b', 1)]), producer.send('u', [record('c')])]);
    expect(attempts).toEqual(['a', 'b', 'c']);
  });

  it.each<[KafkaFailure, boolean]>([
    ['interrupted', false],
    ['other', false],
    ['too large', true],
    ['invalid record', true],
    ['unauthorised', true],
  ])('after a failure (%s), writes to that partition again: %s', async (kind, goesOn) => {
    const producer = producerOver(async (value) => {
      if (value === 'a') throw new KafkaClientError(kind, 'as it is');
    });
    const failure = await producer.send('t', [record('a')]).catch((error) => error);
    expect(failure.message).toContain('as it is');
    const next = producer.send('t', [record('b')]);
    if (goesOn) expect(await next).toBe(6);
    else await expect(next).rejects.toBe(failure);
    expect(await producer.send('t', [record('c', 1)])).toBe(6);
  });
});

it('a shared producer is replaced for lanes that start over after a failure; both are closed at the end', async () => {
  const opened: string[] = [];
  const closed: string[] = [];
  const openProducer = async () => {
    const name = `producer ${opened.length + 1}`;
    opened.push(name);
    const send = async (): Promise<number> => {
      throw new KafkaClientError('given up', 'no answer');
    };
    return fakeProducer({ send, close: async () => void closed.push(name) });
  };
  const target = { topic: 't', partitions: 1, record: () => record('a'), limits: {}, isShared: false, message: 'A' };
  const setup = { client: fakeClient({ openProducer }), settings: { exactlyOnce: false }, targets: [target] };
  const breakage = { guard: (work: () => Promise<unknown>) => work() };
  const writers = new LaneWriters(
    { ...setup, tables: new Set(['T']) } as any,
    { note: () => true } as any,
    breakage as any,
  );
  const producer = await writers.producerOf(0);
  const lost: string[] = [];
  const lane = (name: string) =>
    ({ name, partition: 0, setup: { producer }, lost: { aborted: false }, lose: () => lost.push(name) }) as any;
  const fail = async (name: string): Promise<void> => {
    const writer = writers.open(lane(name));
    writer.write(0, [{}]);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'WM_KAFKA_FAILED' });
  };
  expect(await writers.producerOf(1)).toBe(producer);
  await fail('l');
  const second = await writers.producerOf(0);
  expect(second).not.toBe(producer);
  // Another lane with the first producer fails later: it uses the second one, too.
  await fail('m');
  expect(lost).toEqual(['l', 'm']);
  expect(await writers.producerOf(1)).toBe(second);
  await writers.closeShared();
  expect(closed.sort()).toEqual(['producer 1', 'producer 2']);
});

it('a client of another version of kafkajs, without the replaced internals, is refused with a remedy', () => {
  expect(() => useOwnRecords({} as Kafka)).toThrow(
    expect.objectContaining({
      code: 'WM_KAFKAJS_MISSING',
      message: expect.stringMatching(/Run npm install kafkajs@2\.2\.4\.$/),
    }),
  );
});
