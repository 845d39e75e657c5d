import type { Kafka } from 'kafkajs';
import {
  KafkaClientError,
  type KafkaFailure,
  type KafkaProducer,
  type OutgoingRecord,
} from '../../lib/brokers/kafka/client.js';
import { useOwnRecords } from '../../lib/brokers/kafka/kafkajs/own-records.js';
import { KafkajsProducer } from '../../lib/brokers/kafka/kafkajs/producer.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/options/kafka-options.js';
import type { KafkaWriter } from '../../lib/brokers/kafka/results/kafka-writer.js';
import { LaneWriters } from '../../lib/brokers/kafka/results/lane-writers.js';
import { rejection } from '../mill/support/rejection.js';
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

describe('the producer shared by lanes', () => {
  const target = { topic: 't', partitions: 1, record: () => record('a'), limits: {}, isShared: false, message: 'A' };

  /** Writers whose producers fail. `closed`: the names of the closed ones. */
  function failingWriters(openProducer?: () => Promise<KafkaProducer>) {
    const opened: string[] = [];
    const closed: string[] = [];
    const sent: string[] = [];
    const lost: string[] = [];
    const open = async (): Promise<KafkaProducer> => {
      const name = `producer ${opened.length + 1}`;
      opened.push(name);
      const send = async (): Promise<number> => {
        sent.push(name);
        throw new KafkaClientError('given up', 'no answer');
      };
      return fakeProducer({ send, close: async () => void closed.push(name) });
    };
    const setup = { settings: { exactlyOnce: false }, targets: [target], tables: new Set(['T']) };
    const client = fakeClient({ openProducer: openProducer ?? open });
    const breakage = { guard: (work: () => Promise<unknown>) => work() };
    const writers = new LaneWriters({ ...setup, client } as any, { note: () => true } as any, breakage as any);
    const opens = async (name: string) =>
      ({
        ...{ name, partition: 0, setup: { producer: await writers.producerOf(0) } },
        ...{ lost: { aborted: false }, lose: () => lost.push(name) },
      }) as any;
    const fail = async (writer: KafkaWriter): Promise<void> => {
      writer.write(0, [{}]);
      await expect(writer.flush()).rejects.toMatchObject({ code: 'WM_KAFKA_FAILED' });
    };
    return { writers, opened, closed, sent, lost, opens, fail };
  }

  it('is replaced for lanes that start over after a failure, and closed when its last lane has left it', async () => {
    const { writers, opened, closed, sent, lost, opens, fail } = failingWriters();
    const [l, m] = await Promise.all([opens('l'), opens('m')]);
    await fail(writers.open(l));
    await writers.closeProducer(l);
    await writers.closeProducer(l);
    const again = await opens('l');
    // Another lane with the first producer fails later: it uses the second one, too.
    await fail(writers.open(m));
    expect(lost).toEqual(['l', 'm']);
    expect(closed).toEqual([]);
    await writers.closeProducer(m);
    await new Promise(setImmediate);
    expect(closed).toEqual(['producer 1']);
    const mAgain = await opens('m');
    await fail(writers.open(mAgain));
    expect(sent).toEqual(['producer 1', 'producer 1', 'producer 2']);
    expect(opened).toEqual(['producer 1', 'producer 2']);
    await writers.closeProducer(mAgain);
    expect(again.setup.producer).not.toBe(mAgain.setup.producer);
    expect(closed).toEqual(['producer 1']);
    await writers.closeShared();
    expect(closed).toEqual(['producer 1', 'producer 2']);
  });

  it('stays open for other lanes as long as it works', async () => {
    const { writers, opened, closed, opens } = failingWriters();
    await writers.closeProducer(await opens('l'));
    await opens('l');
    expect(opened).toEqual(['producer 1']);
    expect(closed).toEqual([]);
    await writers.closeShared();
    expect(closed).toEqual(['producer 1']);
  });

  it('is left by lanes of other brokers when their writers are closed', async () => {
    const { writers, opened, closed, fail } = failingWriters();
    const first = await writers.openForOther(0);
    await fail(first);
    const second = await writers.openForOther(0);
    expect(opened).toEqual(['producer 1', 'producer 2']);
    await first.close();
    await new Promise(setImmediate);
    expect(closed).toEqual(['producer 1']);
    await second.close();
    await writers.closeWriters();
    await writers.closeShared();
    expect(closed).toEqual(['producer 1', 'producer 2']);
  });

  it('is not opened any more after the end', async () => {
    const { writers, opened } = failingWriters();
    await writers.producerOf(0);
    await writers.closeShared();
    await expect(writers.producerOf(1)).rejects.toThrow('the connection is closed');
    expect(opened).toEqual(['producer 1']);
  });

  it('is closed at the end also if the one before it cannot be closed', async () => {
    const closed: number[] = [];
    let opened = 0;
    const { writers, opens } = failingWriters(async () => {
      const number = ++opened;
      const close = async (): Promise<void> => {
        closed.push(number);
        if (number === 1) throw new Error('the socket broke');
      };
      const send = async () => {
        throw new KafkaClientError('given up', 'no answer');
      };
      return fakeProducer({ send, close });
    });
    const writer = writers.open(await opens('l'));
    writer.write(0, [{}]);
    await rejection(writer.flush());
    await opens('m');
    await expect(writers.closeShared()).rejects.toThrow('the socket broke');
    expect(closed).toEqual([1, 2]);
  });

  it('is opened again after it could not be opened', async () => {
    let attempts = 0;
    const { writers } = failingWriters(async () => {
      if (++attempts === 1) throw new KafkaClientError('given up', 'no answer');
      return fakeProducer();
    });
    await expect(writers.producerOf(0)).rejects.toThrow('no answer');
    await writers.producerOf(0);
    expect(attempts).toBe(2);
    await writers.closeShared();
  });
});

it('a client of another version of kafkajs, without the replaced internals, is refused with a remedy', () => {
  expect(() => useOwnRecords({} as Kafka)).toThrow(
    expect.objectContaining({
      code: 'WM_KAFKAJS_MISSING',
      message: expect.stringMatching(/Run npm install kafkajs@2\.2\.4\.$/),
    }),
  );
});
