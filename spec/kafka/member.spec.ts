import { EventEmitter } from 'node:events';
import type { Consumer, ConsumerConfig } from 'kafkajs';
import type { TopicOffset } from '../../lib/brokers/kafka/client.js';
import { KafkajsMember } from '../../lib/brokers/kafka/kafkajs/member.js';
import type { KafkaSettings } from '../../lib/brokers/kafka/options/kafka-options.js';
import { range } from '../mill/support/model.js';

const offsets: readonly TopicOffset[] = [{ topic: 'items', partition: 0, offset: 5, metadata: 'vector' }];

/** The outcome of a commit in kafkajs: accepted, refused by the group, or silently dropped. */
type Fate = 'taken' | 'dropped' | 'ILLEGAL_GENERATION' | 'UNKNOWN_MEMBER_ID' | 'REBALANCE_IN_PROGRESS' | 'UNKNOWN';

const passing = Object.assign(new Error('nobody is there'), { retriable: true });
const settings = { retry: { retries: 2, initialRetryTime: 1, maxRetryTime: 1 } } as KafkaSettings;

/** A fake kafkajs consumer with the parts that a member uses. */
class FakeConsumer extends EventEmitter {
  readonly events = {
    GROUP_JOIN: 'join',
    CRASH: 'crash',
    STOP: 'stop',
    COMMIT_OFFSETS: 'commit',
    FETCH_START: 'fetch',
    FETCH: 'fetched',
  };
  readonly fates: Fate[] = [];
  commits = 0;
  starts = 0;
  /** The number of times that it will find no broker. */
  unreachable = 0;
  /** Called when the client joins. */
  tellHeld: () => void = () => {};
  /** Called during a commit. */
  onCommit: () => void = () => {};

  /** Replaces another consumer: its listeners get no more events. */
  anew({ partitionAssigners }: ConsumerConfig): this {
    const [assigner] = partitionAssigners!.map((make) =>
      make({ cluster: { findBroker: () => undefined }, groupId: 'g' } as any),
    );
    this.tellHeld = () => void assigner!.protocol({ topics: ['items'] });
    return this.removeAllListeners();
  }

  override on(event: string, listener: (event: any) => void): any {
    super.on(event, listener);
    return () => super.off(event, listener);
  }

  async connect(): Promise<void> {
    this.starts++;
    if (this.unreachable > 0 && this.unreachable-- > 0) throw passing;
  }

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
  const failures: unknown[] = [];
  const interruptions: number[] = [];
  const make = (config: ConsumerConfig): Consumer => consumer.anew(config) as unknown as Consumer;
  const member = new KafkajsMember(make, settings, {
    group: 'g',
    plan: 'p',
    topics: ['items'],
    fetchBytes: 65_536,
    held: () => [],
    assigned: (...given) => assigned.push(given),
    interrupted: () => interruptions.push(consumer.starts),
    received: () => {},
    reachedEnd: () => {},
    failed: (error) => failures.push(error),
  });
  await member.start();
  return { consumer, member, assigned, failures, interruptions, taken: new AbortController() };
}

const fetch = { payload: { nodeId: 1 } };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a member of a group', () => {
  it.each<Fate>(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'dropped'])(
    'commits again when it has rejoined: %s',
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

  it('commits many partitions at the same time with one listener: Node warns of more than ten', async () => {
    const lanes = range(12);
    const { consumer, member, taken } = await setup(...lanes.map(() => 'taken' as const));
    let most = 0;
    consumer.onCommit = () => {
      most = Math.max(most, consumer.listenerCount('commit'));
    };
    await Promise.all(lanes.map(() => member.commit(offsets, taken.signal)));
    expect(consumer.commits).toBe(12);
    expect(most).toBe(1);
  });

  it('retries a commit at once if it has rejoined meanwhile', async () => {
    const { consumer, member, taken } = await setup('ILLEGAL_GENERATION', 'taken');
    consumer.onCommit = () => consumer.join('first');
    await member.commit(offsets, taken.signal);
    expect(consumer.commits).toBe(2);
  });

  it('commits nothing for a partition that another member now owns', async () => {
    const { consumer, member, taken } = await setup('ILLEGAL_GENERATION');
    const committed = member.commit(offsets, taken.signal);
    await turn();
    taken.abort();
    consumer.join('first');
    await expect(committed).rejects.toMatchObject({ kind: 'fenced' });
    expect(consumer.commits).toBe(1);
  });

  it('reports every other commit failure', async () => {
    const { member, taken } = await setup('UNKNOWN');
    await expect(member.commit(offsets, taken.signal)).rejects.toMatchObject({ kind: 'other', message: 'refused' });
  });

  it('delays a commit while its consumer is recreated', async () => {
    const { consumer, member, taken } = await setup('taken');
    consumer.emit('stop', {});
    const committed = member.commit(offsets, taken.signal);
    await turn();
    expect(consumer.commits).toBe(0);
    consumer.emit('crash', { payload: { error: passing } });
    await committed;
    expect(consumer).toMatchObject({ commits: 1, starts: 2 });
  });

  it('recreates its consumer up to the maximum, and resets the count after it has joined', async () => {
    const { consumer, member, taken, failures } = await setup('taken');
    for (const starts of range(5, 2)) {
      consumer.emit('crash', { payload: { error: passing } });
      while (consumer.starts < starts) await turn();
    }
    await member.commit(offsets, taken.signal);
    consumer.unreachable = 2;
    consumer.emit('crash', { payload: { error: passing } });
    await expect(member.commit(offsets, taken.signal)).rejects.toMatchObject({ kind: 'interrupted' });
    expect(failures).toEqual([expect.objectContaining({ message: 'nobody is there' })]);
  });

  it('fails at once if its consumer ended for good', async () => {
    const { consumer, member, taken, failures } = await setup();
    consumer.emit('crash', { payload: { error: new Error('no rights') } });
    await expect(member.commit(offsets, taken.signal)).rejects.toMatchObject({ message: 'no rights' });
    expect(failures).toHaveLength(1);
  });

  it('rejoins before its next fetch after a rebalance, once', async () => {
    const { consumer, member } = await setup();
    consumer.emit('fetch', fetch);
    member.rebalance();
    // An error thrown there makes the client rejoin.
    expect(() => consumer.emit('fetch', fetch)).toThrow(expect.objectContaining({ type: 'REBALANCE_IN_PROGRESS' }));
    consumer.tellHeld();
    consumer.emit('fetch', fetch);
  });

  it('warns that nothing was fetched for a while if a fetch of a broker did not finish', async () => {
    const { consumer, interruptions } = await setup();
    const other = { payload: { nodeId: 2 } };
    consumer.emit('fetch', fetch);
    consumer.emit('fetch', other);
    consumer.emit('fetched', fetch);
    consumer.emit('fetch', fetch);
    expect(interruptions).toHaveLength(0);
    consumer.emit('fetch', fetch);
    expect(interruptions).toHaveLength(1);
  });

  it('warns that the group had removed it, since others may have had its partitions', async () => {
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
