import type { AbortedTransaction } from './aborted-producers.js';
import { type FetchedSet, isOld, readRecords } from './read-records.js';
import { WireReader } from './wire-reader.js';

export const fetchKey = 1;
/** The first version with transactions. */
const leastVersion = 4;
/** The last version that only the leader of a partition answers: to later ones, a follower may that is behind. */
const mostVersion = 10;
/** Kafka's error code for an offset before the first record of a partition, or after its end. */
const outOfRange = 1;

/**
 * A message in the form that kafkajs expects: one for all records of a partition. So kafkajs tracks offsets and calls
 * back as usual, and does nothing per record.
 */
export interface FetchedMessage {
  /** The offset of the last record, as text. */
  readonly offset: string;
  readonly isControlRecord: false;
  readonly fetched: FetchedSet;
  /** The offset up to which readers can read now. */
  readonly readable: number;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: null;
  readonly messages: readonly FetchedMessage[];
  /** Its records are in a format from before Kafka 0.11, and were not read. */
  readonly isOld: boolean;
  /** It has no record from the requested offset on, not even in an open transaction. */
  readonly isAtEnd: boolean;
}

export interface FetchAnswer {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly responses: { readonly topicName: string; readonly partitions: FetchedPartition[] }[];
}

/** The requested offset of a partition. */
export type AskedOffset = (topic: string, partition: number) => number;

export function canReadFetch(version: number): boolean {
  return version >= leastVersion && version <= mostVersion;
}

/** The versions among these that kafkajs may choose from. */
export function versionsOfLeaders(versions: readonly string[]): readonly string[] {
  return versions.filter((version) => Number(version) <= mostVersion);
}

/** Decodes the response to a fetch, after the correlation id of the header. */
export async function readFetchAnswer(answer: Buffer, version: number, asked: AskedOffset): Promise<FetchAnswer> {
  const reader = new WireReader(answer);
  const throttled = reader.int32();
  const errorCode = version >= 7 ? reader.int16() : 0;
  if (version >= 7) reader.skip(4); // the session
  const responses: FetchAnswer['responses'] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartition[] = [];
    for (let left = reader.int32(); left > 0; left--) {
      partitions.push(await readPartition(reader, version, topicName, asked));
    }
    responses.push({ topicName, partitions });
  }
  // Since version 8, the client is responsible for throttling.
  const [throttleTime, clientSideThrottleTime] = version >= 8 ? [0, throttled] : [throttled, 0];
  return { throttleTime, clientSideThrottleTime, errorCode, responses };
}

async function readPartition(
  reader: WireReader,
  version: number,
  topic: string,
  asked: AskedOffset,
): Promise<FetchedPartition> {
  const [partition, errorCode, high] = [reader.int32(), reader.int16(), reader.int64()];
  const stable = reader.int64();
  if (version >= 5) reader.skip(8); // the first offset
  const transactions = abortedIn(reader);
  const bytes = reader.take(Math.max(0, reader.int32()));
  const from = asked(topic, partition);
  // kafkajs would commit another offset to the group, and so overwrite the progress of the lane.
  const isOutOfRange = errorCode === outOfRange;
  const fetched = isOutOfRange
    ? { records: [], next: from, isOutOfRange }
    : await readRecords(bytes, from, transactions);
  return {
    partition,
    errorCode: isOutOfRange ? 0 : errorCode,
    highWatermark: String(high),
    lastStableOffset: String(stable),
    abortedTransactions: null,
    messages: fetched === undefined ? [] : [messageOf(fetched, from, readableUpTo(high, stable))],
    isOld: isOld(bytes),
    // The answer may also be empty because other partitions have filled it.
    isAtEnd: errorCode === 0 && bytes.length === 0 && from === high,
  };
}

/** The offset up to which readers of committed records can read: an open transaction may follow. */
export function readableUpTo(high: number, stable: number): number {
  return stable < 0 ? high : Math.min(stable, high);
}

/** kafkajs drops messages below the requested offset. */
export function messageOf(fetched: FetchedSet, from: number, readable: number): FetchedMessage {
  return { offset: String(Math.max(fetched.next - 1, from)), isControlRecord: false, fetched, readable };
}

function abortedIn(reader: WireReader): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  for (let left = reader.int32(); left > 0; left--) {
    found.push({ producer: reader.bigint(), firstOffset: reader.int64() });
  }
  return found;
}
