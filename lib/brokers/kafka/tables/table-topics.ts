import type { Json } from '../../../base/json.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Key } from '../../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { KeptChange, KeptTables, TableRequest, TakeChange } from '../../kept-tables.js';
import type { KafkaClient, KafkaProducer, KafkaRecord, OutgoingRecord, TopicLimits } from '../client.js';
import { batchOverhead, mostRecordBytes } from '../results/record-size.js';

/** Larger requests mean fewer round trips per commit. */
const recordsPerSend = 5_000;
/** The default limit of a topic. */
const bytesPerSend = 1_048_588;
/** Kafka's default, for topics whose configuration this user must not read. */
const usualDeleteRetentionMs = 86_400_000;

/** The offset after the last change, and the time when it was the last record. */
type TopicPlace = readonly [offset: number, at: number];

/** The compacted topic with the changes of a table: `speed-meter-VisitsByUser-changelog`. */
export function tableTopic(group: string, table: string): string {
  return `${group}-${table}-changelog`.replace(/[^\w.-]/g, (c) => `_${c.codePointAt(0)?.toString(16)}`);
}

export interface TableTopicsSetup {
  readonly client: KafkaClient;
  readonly group: string;
  readonly partition: number;
  readonly tables: readonly TableRequest[];
  /** By topic. */
  readonly limits: ReadonlyMap<string, TopicLimits>;
  readonly now: () => number;
  /** Commits the lane's positions unchanged, together with what is sent. Rejects if another process owns the lane. */
  readonly confirm: (send: (producer: Pick<KafkaProducer, 'send'>) => Promise<void>) => Promise<void>;
}

/**
 * The tables of a lane in compacted topics, one partition of each: a record per change, and a tombstone for a deleted
 * key. They are sent in the transaction of the lane's positions, by the lane's transactional producer, whatever the
 * guarantee of the results: so a reader that has fenced the previous owner finds exactly the changes up to the
 * positions.
 */
export class TableTopics implements KeptTables {
  readonly keeps = 'texts';
  private readonly topics: readonly string[];
  /** By topic: the changes since the last commit. */
  private readonly pending = new Map<string, OutgoingRecord[]>();
  /** By topic: the end of its changes, as of the last commit, and including those sent for the next one. */
  private readonly ends = new Map<string, number>();
  private readonly sentEnds = new Map<string, number>();
  /** By topic: keys that a lane that starts over has to delete. */
  private readonly stale = new Map<string, Set<string>>();

  private constructor(private readonly setup: TableTopicsSetup) {
    this.topics = setup.tables.map(({ name }) => tableTopic(setup.group, name));
  }

  static async open(setup: TableTopicsSetup, isNew: boolean): Promise<TableTopics> {
    const opened = new TableTopics(setup);
    if (isNew) for (const topic of opened.topics) await opened.findStale(topic);
    if (isNew) await opened.restored();
    return opened;
  }

  get id(): string {
    const { group, partition } = this.setup;
    return `kafka ${group} ${partition}`;
  }

  placeOf(table: number): Json | undefined {
    const offset = this.ends.get(this.topics[table] as string);
    return offset === undefined ? undefined : ([offset, this.setup.now()] satisfies TopicPlace as unknown as Json);
  }

  /**
   * Only if all deletions after the place still exist: tombstones are kept for a while, and half of that time is
   * reserved for reading.
   */
  async canReadAfter(table: number, place: Json): Promise<boolean> {
    const topic = this.topics[table] as string;
    const { client, partition, limits, now } = this.setup;
    const [offset, at] = place as unknown as TopicPlace;
    const ms = now() - at;
    if (ms < 0 || ms > (limits.get(topic)?.deleteRetentionMs ?? usualDeleteRetentionMs) / 2) return false;
    const range = (await client.offsetsOf(topic)).find((each) => each.partition === partition);
    return range !== undefined && offset >= range.low && offset <= range.high;
  }

  async read(table: number, take: TakeChange, left?: (changes: number) => void, after?: Json): Promise<void> {
    const topic = this.topics[table] as string;
    const begun = this.setup.now();
    const takeChange = (key: string, value: string | null): void | Promise<void> =>
      take({ key: keyFromJson(JSON.parse(key)) as Key, value: value ?? undefined });
    const [from] = (after as unknown as TopicPlace | undefined) ?? [];
    this.ends.set(topic, await this.records(topic, takeChange, left, from));
    this.refuseSlow(topic, this.setup.now() - begun);
  }

  write(table: number, changes: readonly KeptChange[]): void {
    const topic = this.topics[table] as string;
    const pending = this.pendingOf(topic);
    for (const { key, value } of changes) {
      pending.push(this.record(JSON.stringify(keyToJson(key)), (value as string | undefined) ?? null));
    }
  }

  async flush(): Promise<undefined> {}

  /** Sends the written changes, within a transaction that has begun. */
  async send(producer: Pick<KafkaProducer, 'send'>): Promise<void> {
    for (const [topic, keys] of this.stale) {
      const pending = this.pendingOf(topic);
      const put = new Set(pending.map(({ key }) => key));
      for (const key of keys) if (!put.has(key)) pending.push(this.record(key, null));
    }
    for (const [topic, pending] of this.pending) {
      const most = Math.min(bytesPerSend, this.setup.limits.get(topic)?.maxBytes ?? bytesPerSend) - batchOverhead;
      const small = Math.floor(most / recordsPerSend);
      let records: OutgoingRecord[] = [];
      let bytes = 0;
      for (const record of pending) {
        const size = mostRecordBytes(record, small);
        if (records.length === recordsPerSend || (records.length > 0 && bytes + size > most)) {
          await this.sendTo(producer, topic, records);
          records = [];
          bytes = 0;
        }
        records.push(record);
        bytes += size;
      }
      if (records.length > 0) await this.sendTo(producer, topic, records);
    }
  }

  private async sendTo(producer: Pick<KafkaProducer, 'send'>, topic: string, records: OutgoingRecord[]): Promise<void> {
    const end = await producer.send(topic, records);
    // A place that is not known is read again.
    if (end !== undefined) this.sentEnds.set(topic, end);
  }

  /** Notes that the transaction was committed. */
  sent(): void {
    for (const [topic, end] of this.sentEnds) this.ends.set(topic, end);
    this.sentEnds.clear();
    this.pending.clear();
    this.stale.clear();
  }

  /**
   * Commits the positions unchanged: another process that has taken the lane in the meantime may have made further
   * changes. With a tombstone for a key that does not exist: an empty transaction would not be one.
   */
  restored(): Promise<void> {
    const record = { partition: this.setup.partition, key: 'null', value: null };
    return this.setup.confirm(async (producer) => {
      await producer.send(this.topics[0] as string, [record]);
    });
  }

  async close(): Promise<void> {}

  private pendingOf(topic: string): OutgoingRecord[] {
    const pending = this.pending.get(topic) ?? [];
    this.pending.set(topic, pending);
    return pending;
  }

  private record(key: string, value: string | null): OutgoingRecord {
    return { partition: this.setup.partition, key, value, timestamp: undefined };
  }

  private async findStale(topic: string): Promise<void> {
    const keys = new Set<string>();
    await this.records(topic, (key, value) => void (value === null ? keys.delete(key) : keys.add(key)));
    if (keys.size > 0) this.stale.set(topic, keys);
  }

  private async records(
    topic: string,
    take: (key: string, value: string | null) => void | Promise<void>,
    left?: (records: number) => void,
    from?: number,
  ): Promise<number> {
    const { client, partition } = this.setup;
    const takeRecord = ({ key, value }: KafkaRecord): void | Promise<void> => {
      const text = key?.toString() ?? 'null';
      return text === 'null' ? undefined : take(text, value === null ? null : value.toString());
    };
    return client.readAll(topic, partition, takeRecord, left, from);
  }

  /**
   * Throws if reading took so long that tombstones may have been removed before they were read: deleted keys would come
   * back.
   */
  private refuseSlow(topic: string, ms: number): void {
    const most = this.setup.limits.get(topic)?.deleteRetentionMs;
    if (most === undefined || ms < most) return;
    throw new WaterMillError(
      'WM_TABLE_DAMAGED',
      `Reading ${topic}, partition ${this.setup.partition}, took ${ms} ms, and the topic keeps deletions for ${most} ms only: some may be missing. ` +
        'Raise its delete.retention.ms, and start again.',
      { stream: topic, expected: `less than ${most} ms`, found: `${ms} ms` },
    );
  }
}

/** The command that creates a missing topic for a table. */
export function tableTopicHint(topic: string, partitions: number): string {
  return `kafka-topics.sh --create --topic ${topic} --partitions ${partitions} --config cleanup.policy=compact`;
}
