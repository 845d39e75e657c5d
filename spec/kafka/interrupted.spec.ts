import { KafkaClientError, type KafkaProducer, type TopicOffset } from '../../lib/brokers/kafka/client.js';
import { translated } from '../../lib/brokers/kafka/kafkajs/failures.js';
import { retrying } from '../../lib/brokers/kafka/kafkajs/retrying.js';
import { rejection } from '../mill/support/rejection.js';
import { clientWith, fakeProducer, recordsOf, runOver } from './support/fake-client.js';

const retry = { retries: 3, initialRetryTime: 1, maxRetryTime: 1 };
const exactlyOnce = { guarantee: 'exactly-once', retry } as const;
const items = ['a', 'b'].map((name, time) => ({ time, name }));

/** Producers of one transactional id, of which the first ones fail at a call. */
function producers(call: keyof KafkaProducer, failing: number, kind: 'interrupted' | 'given up' | 'fenced' | 'other') {
  const made: string[][] = [];
  let committed: readonly TopicOffset[] = [];
  const openProducer = async (): Promise<KafkaProducer> => {
    const sent: string[] = [];
    const isFailing = made.push(sent) <= failing;
    const send: KafkaProducer['send'] = async (_, records) => {
      sent.push(...recordsOf(records).map(({ value }) => `${value}`));
      return undefined;
    };
    const fail = async () => {
      throw new KafkaClientError(kind, new Error('it broke'));
    };
    const commit = async (_: string, offsets: readonly TopicOffset[]) => {
      committed = offsets;
    };
    return fakeProducer({ send, commit, ...(isFailing && { [call]: fail }) });
  };
  return { made, client: clientWith(items, { openProducer, committed: async () => committed }) };
}

describe('an interrupted lane', () => {
  it.each([
    ['send', 'interrupted'],
    ['commit', 'interrupted'],
    ['commit', 'given up'],
    ['commit', 'fenced'],
  ] as const)('exactly once, a lane starts over with another producer: %s %s', async (call, kind) => {
    const { made, client } = producers(call, 2, kind);
    await runOver(client, exactlyOnce);
    expect(made).toHaveLength(3);
    expect(made[2]?.slice(0, 2)).toEqual(['{"text":"a"}', '{"text":"b"}']);
  });

  it('fails the run after the maximum number of restarts without a commit', async () => {
    const { made, client } = producers('commit', 10, 'interrupted');
    expect(await rejection(runOver(client, exactlyOnce))).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(made).toHaveLength(4);
  });

  it('fails the run at once if a restart cannot help', async () => {
    const { made, client } = producers('commit', 10, 'other');
    expect(await rejection(runOver(client, exactlyOnce))).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(made).toHaveLength(1);
  });

  it('is restarted up to the maximum if repetition is allowed', async () => {
    let attempts = 0;
    const work = async () => {
      attempts++;
      throw new KafkaClientError('interrupted', new Error('it broke'));
    };
    const told: number[] = [];
    const tell = (_: unknown, attempt: number) => void told.push(attempt);
    await expect(retrying(retry, work, tell)).rejects.toMatchObject({ kind: 'given up', message: 'it broke' });
    expect(attempts).toBe(4);
    expect(told).toEqual([1, 2, 3]);
  });

  it.each([
    ['interrupted', { retriable: true }],
    ['interrupted', { name: 'TypeError' }],
    ['interrupted', { name: 'KafkaJSNonRetriableError', cause: { retriable: true } }],
    ['interrupted', { name: 'KafkaJSNonRetriableError', cause: { name: 'KafkaJSLockTimeout', retriable: false } }],
    ['given up', { name: 'KafkaJSNumberOfRetriesExceeded', cause: { retriable: true } }],
    ['too large', { retriable: true, cause: { type: 'MESSAGE_TOO_LARGE' } }],
    ['other', { name: 'KafkaJSNonRetriableError', retriable: false }],
  ])('is distinguished from other failures: %s', (kind, error) => {
    expect(translated(error).kind).toBe(kind);
  });
});
