import type { FetchedRecords, KafkaMember, Membership } from '../../lib/brokers/kafka/client.js';
import { KafkaReader } from '../../lib/brokers/kafka/reading/kafka-reader.js';
import { PartitionQueue } from '../../lib/brokers/kafka/reading/partition-queue.js';
import { FetchBudget } from '../../lib/brokers/partitions/fetch-budget.js';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { Random } from '../support/random.js';
import { fakeClient, runOver } from './support/fake-client.js';

/** A queue that is filled as long as it is not paused. */
class Fetching {
  isPaused = true;
  held = 0;
  private offset = 0;
  readonly queue: PartitionQueue;
  readonly member: KafkaMember;

  constructor(
    readonly budget: FetchBudget,
    partition = 0,
  ) {
    const member = {
      seek: () => {},
      pause: () => {
        this.isPaused = true;
      },
      resume: () => {
        this.isPaused = false;
      },
    } as unknown as KafkaMember;
    this.member = member;
    const checks = { checkTopic: async () => {}, checkPosition: async (offset: number) => offset };
    // No time is long after this one, so that all records are trusted.
    this.queue = new PartitionQueue('items', partition, { member, budget, now: () => -Infinity, ...checks });
    this.queue.start(0);
  }

  fetch(records: number): void {
    const [from, next] = [this.offset, this.offset + records];
    const fetched = { topic: 'items', partition: 0, from, next, high: next, records: new Array(records).fill({}) };
    this.offset = next;
    this.held++;
    this.queue.receive(fetched as FetchedRecords);
  }

  fetchAll(records: number): number {
    while (!this.isPaused) this.fetch(records);
    return this.held;
  }

  take(): void {
    if (this.queue.take() !== undefined) this.held--;
  }
}

describe('the lag of a reader', () => {
  it('does not count aborted records and transaction markers that it has passed', () => {
    const { queue } = new Fetching(new FetchBudget(undefined, 1));
    const reader = new KafkaReader(queue, { raw: false, skipsEmpty: false }, 0);
    queue.receive({ topic: 'items', partition: 0, from: 0, next: 5, high: 7, records: [] });
    expect(reader.lag()).toBe(2);
  });
});

describe('a reader that must commit where it begins', () => {
  it('returns records that are here already only after the commit', async () => {
    const { queue } = new Fetching(new FetchBudget(undefined, 1));
    const reader = new KafkaReader(queue, { raw: false, skipsEmpty: false }, 0, true);
    const record = { key: null, offset: 0, timestamp: 0, headers: {}, valueLength: 1, text: () => '7' };
    const records = [record] as unknown as FetchedRecords['records'];
    queue.receive({ topic: 'items', partition: 0, from: 0, next: 1, high: 1, records });
    const read = reader.read();
    expect([read instanceof Promise, reader.awaitsCommit()]).toEqual([true, true]);
    reader.committed();
    expect([(await read).values, reader.awaitsCommit()]).toEqual([[7], false]);
  });
});

describe('the offset at which a restart continues', () => {
  it('is not after records that were dropped because the topic was changed', async () => {
    const { member, budget } = new Fetching(new FetchBudget(undefined, 1));
    const changed = () => Promise.reject(new Error('The topic gained partitions.'));
    const owner = {
      member,
      budget,
      now: () => 0,
      checkTopic: changed,
      checkPosition: async (offset: number) => offset,
    };
    const queue = new PartitionQueue('items', 0, owner);
    const reader = new KafkaReader(queue, { raw: false, skipsEmpty: false }, 0);
    queue.receive({ topic: 'items', partition: 0, from: 0, next: 5, high: 5, records: new Array(5).fill({}) });
    await expect(reader.read()).rejects.toThrow('The topic gained partitions.');
    expect(reader.passed(0)).toBe(0);
  });
});

describe('one fetch', () => {
  it.each([
    [1, 262_144],
    [4, 262_144],
    [8, 131_072],
    [16, 65_536],
    [1000, 32_768],
  ])('covers %i partitions with %i bytes each', (partitions, bytes) => {
    expect(new FetchBudget(undefined, partitions).bytes).toBe(bytes);
  });

  it('uses the limits of the user', () => {
    expect(new FetchBudget(3_000_000, 16).bytes).toBe(3_000_000);
  });
});

describe('the buffer of a partition', () => {
  it('is two MiB if records are large', () => {
    expect(new Fetching(new FetchBudget(undefined, 16)).fetchAll(6)).toBe(32);
    expect(new Fetching(new FetchBudget(undefined, 2)).fetchAll(6)).toBe(8);
  });

  it('is two fetches in addition to the one being read if the user limits a fetch', () => {
    const fetching = new Fetching(new FetchBudget(65_536, 16));
    expect(fetching.fetchAll(6)).toBe(2);
    fetching.take();
    expect(fetching.fetchAll(6)).toBe(2);
  });

  it('is about a thousand records if they are small, including those being read', () => {
    const fetching = new Fetching(new FetchBudget(undefined, 16));
    expect(fetching.fetchAll(3_000)).toBe(6);
    fetching.take();
    expect(fetching.isPaused).toBe(true);
    fetching.take();
    expect(fetching.isPaused).toBe(false);
    expect(new Fetching(new FetchBudget(undefined, 16)).fetchAll(20_000)).toBe(1);
  });

  it('is one fetch each, until it is read, if others have many', () => {
    const budget = new FetchBudget(undefined, 64);
    const all = range(64).map((partition) => new Fetching(budget, partition));
    expect(all.map((each) => each.fetchAll(1_000))).toEqual([17, 17, 17, 15, ...new Array(60).fill(1)]);
    const last = all[63]!;
    last.take();
    expect(last.isPaused).toBe(true);
    last.take();
    expect(last.isPaused).toBe(false);
  });

  it('no longer counts records that were read or dropped', () => {
    const budget = new FetchBudget(undefined, 16);
    const [first, second] = [new Fetching(budget), new Fetching(budget)];
    first.fetch(40_000);
    second.fetch(40_000);
    expect(budget.isSpent(1, 1)).toBe(true);
    first.take();
    expect(budget.isSpent(1, 1)).toBe(true);
    first.take();
    expect(budget.isSpent(1, 1)).toBe(false);
    first.fetch(40_000);
    expect(budget.isSpent(1, 1)).toBe(true);
    second.queue.stop();
    expect(budget.isSpent(1, 1)).toBe(false);
  });
});

/**
 * A partition with gaps, and a client that fetches it ahead: requested records arrive even if it is paused meanwhile.
 */
class Gaps {
  readonly given: number[] = [];
  readonly checks: (() => void)[] = [];
  readonly queue: PartitionQueue;
  isPaused = true;
  /** The first offset that the cluster has. */
  low = 0;
  private position = 0;
  private asked: FetchedRecords[] = [];

  /** Whether there is a record, by offset. */
  constructor(private readonly log: readonly boolean[]) {
    const member = {
      seek: (_topic: string, _partition: number, offset: number) => {
        this.position = offset;
        this.asked = [];
      },
      pause: () => {
        this.isPaused = true;
      },
      resume: () => {
        this.isPaused = false;
      },
    } as unknown as KafkaMember;
    const checkTopic = () => new Promise<void>((resolve) => this.checks.push(resolve));
    const checkPosition = async (offset: number) => Math.max(offset, this.low);
    const budget = new FetchBudget(undefined, 1);
    this.queue = new PartitionQueue('items', 0, { member, budget, now: () => 0, checkTopic, checkPosition });
    this.queue.start(0);
  }

  get isRead(): boolean {
    return this.given.length === this.log.filter((isRecord) => isRecord).length;
  }

  ask(): void {
    if (this.isPaused || this.asked.length === 2) return;
    if (this.position < this.low) {
      const from = this.position;
      const rest = { from, next: from, high: -1, records: [], isOutOfRange: true };
      this.asked.push({ topic: 'items', partition: 0, ...rest });
      this.position++;
      return;
    }
    const from = this.log.indexOf(true, this.position);
    if (from < 0) return;
    const next = Math.min(this.log.length, from + 2);
    const records = range(next - from, from)
      .filter((offset) => this.log[offset])
      .map((offset) => ({ offset: String(offset) }));
    this.asked.push({ topic: 'items', partition: 0, from, next, high: this.log.length, records } as never);
    this.position = next;
  }

  answer(): void {
    const fetched = this.asked.shift();
    if (fetched !== undefined) this.queue.receive(fetched);
  }

  take(): void {
    for (const { offset } of this.queue.take()?.records ?? []) this.given.push(Number(offset));
  }
}

describe('the records after a gap', () => {
  it('are returned after the gap is checked; nothing is fetched meanwhile', async () => {
    const partition = new Gaps([false, true, false, true, true]);
    partition.ask();
    partition.answer();
    partition.take();
    expect(partition.isPaused).toBe(true);
    partition.checks.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    partition.take();
    expect(partition.given).toEqual([1]);
    expect(partition.isPaused).toBe(false);
  });

  it('are dropped if the partition is read from elsewhere before the gap is checked', async () => {
    const partition = new Gaps([false, true, false, true, true]);
    partition.ask();
    partition.answer();
    partition.queue.start(3);
    partition.ask();
    partition.answer();
    for (const checked of partition.checks) checked();
    await new Promise((resolve) => setImmediate(resolve));
    partition.take();
    partition.take();
    expect(partition.given).toEqual([3, 4]);
  });

  it('are read from the first one that is left, if the cluster has deleted some and that is accepted', async () => {
    const partition = new Gaps(range(6).map(() => true));
    partition.ask();
    partition.answer();
    partition.low = 4;
    partition.ask();
    partition.answer();
    for (const checked of partition.checks) checked();
    await new Promise((resolve) => setImmediate(resolve));
    partition.take();
    partition.ask();
    partition.answer();
    partition.take();
    expect(partition.given).toEqual([0, 1, 4, 5]);
  });

  it('are not read a second time if the partition has become shorter, even if losses are accepted', async () => {
    const join = async (membership: Membership): Promise<KafkaMember> => {
      setImmediate(() => membership.assigned([0], false));
      const resume = (topic: string, partition: number): void => {
        const fetched = { topic, partition, high: 20, records: [] };
        setImmediate(() => {
          membership.received({ ...fetched, from: 0, next: 20 });
          membership.received({ ...fetched, from: 20, next: 20, isOutOfRange: true });
        });
      };
      const nothing = async (): Promise<void> => {};
      return { seek: nothing, pause: nothing, resume, commit: nothing, rebalance: nothing, leave: nothing };
    };
    expect(await rejection(runOver(fakeClient({ join }), { onLostPositions: 'earliest' }))).toMatchObject({
      code: 'WM_POSITION_LOST',
      details: { position: 20, expected: 'an offset from 0 to 10' },
    });
  });

  it.each(range(50))('are returned once and in order, with those that arrive meanwhile (seed %i)', async (seed) => {
    const random = new Random(seed);
    const log = range(40).map(() => random.int(3) > 0);
    const partition = new Gaps(log);
    for (let step = 0; step < 5_000 && !partition.isRead; step++) {
      const moves = [
        () => partition.ask(),
        () => partition.answer(),
        () => partition.take(),
        () => partition.checks.shift()?.(),
      ];
      moves[random.int(moves.length)]?.();
      if (random.int(100) === 0) partition.queue.rejoined();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(partition.given).toEqual(range(log.length).filter((offset) => log[offset]));
  });
});
