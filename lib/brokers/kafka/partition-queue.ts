import type { FetchedRecords, KafkaMember } from './client.js';
import type { FetchBudget } from './fetch-budget.js';

/** How a queue looks at gaps in what it was given, and whom it tells. */
export interface QueueOwner {
  readonly member: KafkaMember;
  readonly budget: FetchBudget;
  /** Rejects where the cluster has no longer what comes next. */
  checkPosition(topic: string, partition: number, offset: number): Promise<void>;
}

/** What was fetched of one partition, in order and without gaps, until it is read. Bounded: fetching pauses when enough waits. */
export class PartitionQueue {
  failure: unknown;
  /** Called when something came, or will never come. */
  onChange: () => void = () => {};
  private readonly waiting: FetchedRecords[] = [];
  /** Those that wait and those that are being read. */
  private records = 0;
  private beingRead = 0;
  private expected = 0;
  private high: number | undefined;
  private open = false;
  private paused = true;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly owner: QueueOwner,
  ) {}

  /** Begins to fetch at an offset; what was fetched before is dropped. */
  start(offset: number): void {
    this.drop();
    this.failure = undefined;
    this.expected = offset;
    this.open = true;
    this.rejoined();
  }

  /** The member has joined the group anew, which forgets where it stood. */
  rejoined(): void {
    this.paused = true;
    if (!this.open) return;
    this.owner.member.seek(this.topic, this.partition, this.expected);
    this.resumeIfRoom();
  }

  stop(): void {
    this.open = false;
    this.drop();
    this.pause();
  }

  fail(error: unknown): void {
    if (!this.open) return;
    this.failure ??= error;
    this.onChange();
  }

  /** Takes what was fetched. */
  receive(fetched: FetchedRecords): void {
    if (!this.open || this.failure !== undefined) return;
    if (fetched.from === this.expected) this.accept(fetched);
    else this.verify(fetched);
  }

  /** What was taken before is read. */
  take(): FetchedRecords | undefined {
    const fetched = this.waiting.shift();
    this.count(-this.beingRead);
    this.beingRead = fetched?.records.length ?? 0;
    this.resumeIfRoom();
    return fetched;
  }

  /** The offset behind the last record of the partition, as far as it was told. */
  get known(): number | undefined {
    return this.high;
  }

  private accept(fetched: FetchedRecords): void {
    this.high = fetched.high;
    this.waiting.push(fetched);
    this.count(fetched.records.length);
    this.expected = fetched.next;
    if (this.isFull) this.pause();
    this.onChange();
  }

  /**
   * The client was led to another offset than the one that follows: over records that are for nobody (aborted, or marks
   * of transactions), or because the offset is gone and it was reset without a word.
   */
  private verify(fetched: FetchedRecords): void {
    const { topic, partition, expected } = this;
    this.pause();
    this.owner.checkPosition(topic, partition, expected).then(
      () => {
        if (!this.open || this.expected !== expected) return;
        if (fetched.from > expected) this.accept(fetched);
        else this.owner.member.seek(topic, partition, expected);
        this.resumeIfRoom();
      },
      (error) => this.fail(error),
    );
  }

  private drop(): void {
    this.waiting.length = 0;
    this.beingRead = 0;
    this.count(-this.records);
  }

  private count(records: number): void {
    this.records += records;
    this.owner.budget.add(records);
  }

  private get isFull(): boolean {
    return this.owner.budget.isSpent(this.waiting.length, this.records);
  }

  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.owner.member.pause(this.topic, this.partition);
  }

  private resumeIfRoom(): void {
    if (!this.paused || !this.open || this.isFull) return;
    this.paused = false;
    this.owner.member.resume(this.topic, this.partition);
  }
}
