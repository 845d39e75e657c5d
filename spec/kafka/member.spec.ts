import { EventEmitter } from 'node:events';
import type { Kafka } from 'kafkajs';
import type { TopicOffset } from '../../lib/brokers/kafka/client.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/kafka-options.js';
import { KafkajsMember } from '../../lib/brokers/kafka/kafkajs-member.js';

const offsets: readonly TopicOffset[] = [{ topic: 'items', partition: 0, offset: 5, metadata: 'vector' }];

/** What kafkajs does with a commit: the group takes it, refuses it, or it is dropped without a word. */
type Fate = 'taken' | 'dropped' | 'ILLEGAL_GENERATION' | 'UNKNOWN_MEMBER_ID' | 'REBALANCE_IN_PROGRESS' | 'UNKNOWN';

/** A consumer of kafkajs as far as a member uses it. */
class FakeConsumer extends EventEmitter {
  readonly events = { GROUP_JOIN: 'join', CRASH: 'crash', STOP: 'stop', COMMIT_OFFSETS: 'commit' };
  readonly fates: Fate[] = [];
  commits = 0;
  /** Called while a commit is under way. */
  onCommit: () => void = () => {};

  override on(event: string, listener: (event: any) => void): any {
    super.on(event, listener);
    return () => super.off(event, listener);
  }

  async connect(): Promise<void> {}
  async subscribe(): Promise<void> {}
  async disconnect(): Promise<void> {}
  pause(): void {}

  async run(): Promise<void> {
    this.join('first');
  }

  join(memberId: string): void {
    this.emit('join', { payload: { memberId, memberAssignment: { items: [0] } } });
  }

  async commitOffsets(): Promise<void> {
    this.commits++;
    this.onCommit();
    const fate = this.fates.shift();
    if (fate === 'dropped') return;
    if (fate !== 'taken') throw Object.assign(new Error('refused'), { cause: { type: fate } });
    this.emit('commit', { payload: { topics: [{ topic: 'items', partitions: [{ partition: 0 }] }] } });
  }
}

async function setup(...fates: Fate[]) {
  const consumer = new FakeConsumer();
  consumer.fates.push(...fates);
  const assigned: unknown[] = [];
  const member = new KafkajsMember({ consumer: () => consumer } as unknown as Kafka, {} as KafkaSettings, {
    group: 'g',
    topics: ['items'],
    held: () => [],
    assigned: (...given) => assigned.push(given),
    received: () => {},
    failed: () => {},
  });
  await member.start();
  return { consumer, member, assigned, taken: new AbortController() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a member of a group', () => {
  it.each<Fate>(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'dropped'])(
    'commits again when it has joined anew: %s',
    async (fate) => {
      const { consumer, member, taken } = await setup(fate, 'taken');
      const committed = member.commit(offsets, taken.signal);
      await turn();
      expect(consumer.commits).toBe(1);
      consumer.join('first');
      await committed;
      expect(consumer.commits).toBe(2);
    },
  );

  it('commits again at once when it has joined anew meanwhile', async () => {
    const { consumer, member, taken } = await setup('ILLEGAL_GENERATION', 'taken');
    consumer.onCommit = () => consumer.join('first');
    await member.commit(offsets, taken.signal);
    expect(consumer.commits).toBe(2);
  });

  it('commits nothing of a partition that another member has by then', async () => {
    const { consumer, member, taken } = await setup('ILLEGAL_GENERATION');
    const committed = member.commit(offsets, taken.signal);
    await turn();
    taken.abort();
    consumer.join('first');
    await expect(committed).rejects.toMatchObject({ kind: 'fenced' });
    expect(consumer.commits).toBe(1);
  });

  it('tells what else is wrong with a commit', async () => {
    const { member, taken } = await setup('UNKNOWN');
    await expect(member.commit(offsets, taken.signal)).rejects.toMatchObject({ kind: 'other', message: 'refused' });
  });

  it('waits with a commit while its consumer starts again, and fails when it does not', async () => {
    const { consumer, member, taken } = await setup('taken', 'taken');
    consumer.emit('stop', {});
    const committed = member.commit(offsets, taken.signal);
    await turn();
    expect(consumer.commits).toBe(0);
    consumer.emit('crash', { payload: { restart: true } });
    consumer.join('first');
    await committed;
    consumer.emit('crash', { payload: { restart: false, error: new Error('for good') } });
    await expect(member.commit(offsets, taken.signal)).rejects.toMatchObject({ message: 'for good' });
  });

  it('says that the group had forgotten it, since others may have had its partitions', async () => {
    const { consumer, assigned } = await setup();
    consumer.join('first');
    consumer.join('second');
    expect(assigned).toEqual([
      [[0], false],
      [[0], false],
      [[0], true],
    ]);
  });
});
