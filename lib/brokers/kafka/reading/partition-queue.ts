import type { FetchBudget } from '../../partitions/fetch-budget.js';
import type { FetchedRecords, KafkaMember } from '../client.js';
import { notDecompressed } from '../kafka-errors.js';

/** The checks that a queue needs when there are gaps between fetches, and its environment. */
export interface QueueOwner {
  readonly member: KafkaMember;
  readonly budget: FetchBudget;
  now(): number;
  /** Rejects if the topic was recreated. */
  checkTopic(): Promise<void>;
  /**
   * Returns the offset to continue at: the given one, or a later one if the cluster has deleted the records in between
   * and that is accepted. Otherwise rejects.
   */
  checkPosition(offset: number): Promise<number>;
}

/**
 * The longest pause between fetches. After a longer one, the topic may have been deleted, recreated and filled in
 * between without notice: a fetch knows only names and offsets. Milliseconds.
 */
const mostApartMs = 100;

/**
 * A bounded queue of the records fetched from one partition, in order and without gaps: fetching pauses at the limit.
 */
export class PartitionQueue {
  failure: unknown;
  /** Called when records have arrived, or will never arrive. */
  onChange: () => void = () => {};
  /** Since when the leader has answered, without interruption, that it has no more; undefined if it does not. */
  answersSince: number | undefined;
  /** The last of these answers. */
  answeredAt: number | undefined;
  private readonly waiting: FetchedRecords[] = [];
  /** The number of queued fetches that are known to be of the original topic. */
  private trusted = 0;
  private checks = 0;
  /** Records after a gap, while it is being checked. Nothing is fetched in the meantime. */
  private doubted: FetchedRecords | undefined;
  /** The records after the queued ones cannot be read. */
  private broken: Error | undefined;
  private receivedAt = Number.NEGATIVE_INFINITY;
  /** The number of looks since the last answer. */
  private looks = 0;
  /** The number of records that are queued or being read. */
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

  /** Starts to fetch at an offset; earlier fetches are dropped. */
  start(offset: number): void {
    this.drop();
    this.failure = undefined;
    this.expected = offset;
    this.open = true;
    this.rejoined();
  }

  /** Notes that the member has rejoined the group, which drops its fetch positions. */
  rejoined(): void {
    this.paused = true;
    this.doubt();
    if (!this.open) return;
    this.owner.member.seek(this.topic, this.partition, this.expected);
    this.resumeIfRoom();
  }

  /** The topic may have been recreated: the next fetch is checked. */
  doubt(): void {
    this.receivedAt = Number.NEGATIVE_INFINITY;
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

  /** Fails, and drops the queued records as well. */
  abandon(error: unknown): void {
    this.drop();
    this.fail(error);
  }

  /** Adds a fetch. */
  receive(fetched: FetchedRecords): void {
    if (!this.open || this.failure !== undefined) return;
    const now = this.owner.now();
    const isDoubtful = now - this.receivedAt > mostApartMs;
    this.receivedAt = now;
    // The records are fetched again.
    if (this.doubted !== undefined) return;
    if (fetched.from !== this.expected || fetched.isOutOfRange === true) this.verify(fetched);
    else {
      if (isDoubtful) this.checkTopic();
      this.accept(fetched);
    }
  }

  /** Notes that the leader of the partition had nothing at this offset. */
  reachedEnd(offset: number): void {
    if (this.drainedTo !== offset) return;
    this.answeredAt = this.owner.now();
    this.answersSince ??= this.answeredAt;
    this.looks = 0;
  }

  /** Called in equal intervals: the second one without an answer is an interruption. */
  lookForAnswer(): void {
    if (++this.looks >= 2) this.answersSince = undefined;
  }

  /** Takes the next fetch; all records taken before have been read. */
  take(): FetchedRecords | undefined {
    const fetched = this.trusted > 0 ? this.waiting.shift() : undefined;
    if (fetched !== undefined) this.trusted--;
    this.count(-this.beingRead);
    this.beingRead = fetched?.records.length ?? 0;
    this.resumeIfRoom();
    return fetched;
  }

  /** The offset after the last record of the partition, as far as known. */
  get known(): number | undefined {
    return this.high;
  }

  /** The offset up to which all records were taken. Undefined if some were not, are being checked, or were dropped. */
  get drainedTo(): number | undefined {
    const isWhole = this.open && this.failure === undefined && this.checks === 0;
    return isWhole && this.waiting.length === 0 ? this.expected : undefined;
  }

  private accept(fetched: FetchedRecords): void {
    this.high = fetched.high;
    if (fetched.records.length > 0) this.waiting.push(fetched);
    this.count(fetched.records.length);
    this.expected = fetched.next;
    if (this.isFull) this.pause();
    const { undecoded, topic, partition } = fetched;
    if (undecoded !== undefined) {
      this.pause();
      this.broken = notDecompressed({ topic, partition, ...undecoded });
    }
    this.trust();
  }

  /** Releases records when all checks have passed; fetching continues in the meantime. */
  private trust(): void {
    if (this.checks > 0) return;
    this.trusted = this.waiting.length;
    this.failure ??= this.broken;
    this.onChange();
  }

  private checkTopic(): void {
    this.checks++;
    const over = (): void => {
      this.checks--;
      if (this.open) this.trust();
    };
    this.owner.checkTopic().then(over, (error) => {
      this.fail(error);
      // Records fetched in the meantime are never trusted.
      this.drop();
      over();
    });
  }

  /**
   * Checks a gap: the offset may be gone, or the client has continued at another one because it skipped records that
   * are not visible to readers (aborted, or transaction markers).
   */
  private verify(fetched: FetchedRecords): void {
    const { topic, partition, expected, owner } = this;
    this.doubted = fetched;
    this.pause();
    const checked = owner.checkTopic().then(() => owner.checkPosition(expected));
    checked.then(
      (offset) => {
        if (this.doubted !== fetched) return;
        this.doubted = undefined;
        if (fetched.from > expected && fetched.from >= offset) this.accept(fetched);
        else this.expected = offset;
        owner.member.seek(topic, partition, this.expected);
        this.resumeIfRoom();
      },
      (error) => {
        if (this.doubted === fetched) this.fail(error);
      },
    );
  }

  private drop(): void {
    this.waiting.length = 0;
    this.trusted = 0;
    this.doubted = undefined;
    this.broken = undefined;
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
    if (!this.paused || !this.open || this.isFull || this.doubted !== undefined) return;
    this.paused = false;
    this.owner.member.resume(this.topic, this.partition);
  }
}
