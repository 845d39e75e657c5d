import { realNow } from '../../../base/date.js';
import type { Json } from '../../../base/json.js';
import { quotedText } from '../../../base/shown-text.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Key } from '../../../expressions/key.js';
import { keyFromJson } from '../../../expressions/key-json.js';
import type { KeptChange, KeptTables, TableRequest, TakeChange } from '../../kept-tables.js';
import type { KafkaClient, KafkaProducer, KafkaRecord, TopicLimits } from '../client.js';
import { valueWriterOf } from './change-batch.js';
import { TopicChanges } from './topic-changes.js';

/** Kafka's default, for topics whose configuration this user must not read. */
const usualDeleteRetentionMs = 86_400_000;

/**
 * The offset after the last change, and the time when it was the last record: that of the system, as another process
 * reads it.
 */
type TopicPlace = readonly [offset: number, at: number];

/**
 * The compacted topic with the changes of a table: `speed-meter-VisitsByUser-changelog`. Different tables have different
 * topics, whatever the characters in the names: only the group may have hyphens, and what looks like an escaped byte is
 * escaped itself.
 */
export function tableTopic(group: string, table: string): string {
  return `${escaped(group)}-${escaped(table).replaceAll('-', '_2d')}-changelog`;
}

/** Each byte of a character that a topic cannot have becomes `_` and two digits. */
function escaped(name: string): string {
  return name.replace(/[^\w.-]|_(?=[0-9a-f]{2})/gu, (character) =>
    Buffer.from(character).reduce((text, byte) => `${text}_${byte.toString(16).padStart(2, '0')}`, ''),
  );
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
  /** By table. */
  private readonly changes: readonly TopicChanges[];
  /** By topic: the end of its changes, as of the last commit, and including those sent for the next one. */
  private readonly ends = new Map<string, number>();
  private readonly sentEnds = new Map<string, number>();

  private constructor(private readonly setup: TableTopicsSetup) {
    const { group, partition, tables, limits } = setup;
    this.topics = tables.map(({ name }) => tableTopic(group, name));
    this.changes = tables.map((table, i) => {
      const topic = this.topics[i] as string;
      return new TopicChanges({
        topic,
        table,
        partition,
        values: valueWriterOf(table.message),
        maxBytes: limits.get(topic)?.maxBytes,
      });
    });
  }

  static async open(setup: TableTopicsSetup, isNew: boolean): Promise<TableTopics> {
    const opened = new TableTopics(setup);
    if (isNew) for (const [i, topic] of opened.topics.entries()) await opened.findStale(topic, i);
    if (isNew) await opened.restored();
    return opened;
  }

  get id(): string {
    const { group, partition } = this.setup;
    return `kafka ${group} ${partition}`;
  }

  placeOf(table: number): Json | undefined {
    const offset = this.ends.get(this.topics[table] as string);
    return offset === undefined ? undefined : ([offset, realNow()] satisfies TopicPlace as unknown as Json);
  }

  /**
   * Only if all deletions after the place still exist: tombstones are kept for a while, and half of that time is
   * reserved for reading.
   */
  async canReadAfter(table: number, place: Json): Promise<boolean> {
    const topic = this.topics[table] as string;
    const { client, partition, limits } = this.setup;
    const [offset, at] = place as unknown as TopicPlace;
    const ms = realNow() - at;
    if (ms < 0 || ms > (limits.get(topic)?.deleteRetentionMs ?? usualDeleteRetentionMs) / 2) return false;
    const range = (await client.offsetsOf(topic)).find((each) => each.partition === partition);
    return range !== undefined && offset >= range.low && offset <= range.high;
  }

  async read(table: number, take: TakeChange, left?: (changes: number) => void, after?: Json): Promise<void> {
    const topic = this.topics[table] as string;
    const begun = this.setup.now();
    const takeChange = (key: string, value: string | null, offset: number): void | Promise<void> => {
      const found = keyIn(key);
      if (found !== undefined) return take({ key: found, value: value ?? undefined });
      if (value !== null) throw this.foreign(table, key, offset);
    };
    const [from] = (after as unknown as TopicPlace | undefined) ?? [];
    this.ends.set(topic, await this.records(topic, takeChange, left, from));
    this.refuseSlow(topic, Math.round(this.setup.now() - begun));
  }

  /** Elements of plain classes are written as bytes when they are sent, each key once. */
  writesElements(table: number): boolean {
    return this.changes[table]?.writesElements === true;
  }

  write(table: number, changes: readonly KeptChange[]): void {
    this.changes[table]?.write(changes);
  }

  async flush(): Promise<undefined> {}

  /** Sends the written changes, within a transaction that has begun. */
  async send(producer: Pick<KafkaProducer, 'send'>): Promise<void> {
    for (const [i, changes] of this.changes.entries()) {
      const end = await changes.send(producer);
      // A place that is not known is read again.
      if (end !== undefined) this.sentEnds.set(this.topics[i] as string, end);
    }
  }

  /** Notes that the transaction was committed. */
  sent(): void {
    for (const [topic, end] of this.sentEnds) this.ends.set(topic, end);
    this.sentEnds.clear();
    for (const changes of this.changes) changes.sent();
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

  /** Finds the keys that a lane that starts over has to delete. */
  private async findStale(topic: string, table: number): Promise<void> {
    const keys = new Set<string>();
    await this.records(topic, (key, value) => void (value === null ? keys.delete(key) : keys.add(key)));
    this.changes[table]?.replace(keys);
  }

  private async records(
    topic: string,
    take: (key: string, value: string | null, offset: number) => void | Promise<void>,
    left?: (records: number) => void,
    from?: number,
  ): Promise<number> {
    const { client, partition } = this.setup;
    const takeRecord = ({ key, value, offset }: KafkaRecord): void | Promise<void> => {
      const text = key?.toString() ?? 'null';
      return text === 'null' ? undefined : take(text, value === null ? null : value.toString(), offset);
    };
    return client.readAll(topic, partition, takeRecord, left, from);
  }

  /** The error for a record that no mill has written. */
  private foreign(table: number, key: string, offset: number): WaterMillError {
    const { partition, tables } = this.setup;
    const topic = this.topics[table] as string;
    const found = quotedText(key);
    return new WaterMillError(
      'WM_TABLE_DAMAGED',
      `The table ${tables[table]?.name} cannot be restored: the record at offset ${offset} of ${topic}, partition ${partition}, has the key ${found}, which is not a key of a table. ` +
        'Something else writes to this topic: stop it, and write a record without a value for each of its keys.',
      { stream: topic, partition, position: offset, expected: 'a key as JSON', found },
    );
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

/** The key of a change; undefined if it is not the JSON of one. */
function keyIn(text: string): Key | undefined {
  try {
    return keyFromJson(JSON.parse(text)) as Key;
  } catch {
    return undefined;
  }
}

/** The command that creates a missing topic for a table. */
export function tableTopicHint(topic: string, partitions: number): string {
  return `kafka-topics.sh --create --topic ${topic} --partitions ${partitions} --config cleanup.policy=compact`;
}
