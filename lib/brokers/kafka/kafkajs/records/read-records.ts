import type { KafkaRecord } from '../../client.js';
import { decompressed } from '../codecs.js';
import { AbortedProducers, type AbortedTransaction } from './aborted-producers.js';
import {
  appendTimeBit,
  attributesAt,
  beforeLength,
  compressionBits,
  controlBit,
  countAt,
  firstTimeAt,
  lastDeltaAt,
  lengthAt,
  magic,
  magicAt,
  maxTimeAt,
  producerAt,
  recordsAt,
  transactionBit,
} from './batch-layout.js';
import { afterVarint, signedVarint, skipVarint } from './varint.js';
import { type RecordContext, WireRecord } from './wire-record.js';

/** The result of a fetch for one partition. */
export interface FetchedSet {
  /** Without the records of aborted transactions, and without control records. */
  readonly records: readonly KafkaRecord[];
  /** The offset after the last record, including those that are left out. */
  readonly next: number;
  /** The records after these could not be decompressed, or are damaged. */
  readonly undecoded?: { readonly offset: number; readonly why: string };
  /** The partition has no record at the requested offset any more, or not yet. */
  readonly isOutOfRange?: boolean;
}

/**
 * Reads the records of a partition from an offset on. An incomplete batch at the end is ignored: the next fetch returns
 * it completely. Undefined if there is no complete batch.
 */
export async function readRecords(
  bytes: Buffer,
  from: number,
  transactions: readonly AbortedTransaction[],
): Promise<FetchedSet | undefined> {
  const aborted = new AbortedProducers(transactions);
  const records: WireRecord[] = [];
  let next: number | undefined;
  for (let at = 0; at + recordsAt <= bytes.length; ) {
    const end = at + beforeLength + bytes.readInt32BE(at + lengthAt);
    const format = bytes[at + magicAt] as number;
    if (end > bytes.length || format < magic) break;
    const batch = bytes.subarray(at, end);
    const first = Number(bytes.readBigInt64BE(at));
    const start = Math.max(first, from);
    if (end < at + recordsAt) return upTo(start, records, damaged('it is shorter than its header'));
    if (format > magic) return upTo(start, records, damaged(`its format is ${format}, which is unknown`));
    const last = first + batch.readInt32BE(lastDeltaAt);
    if (last >= from && isForReaders(batch, last, aborted)) {
      const compression = batch.readInt16BE(attributesAt) & compressionBits;
      const inner = compression === 0 ? batch : await decompressed(compression, batch.subarray(recordsAt));
      if (typeof inner === 'string') return upTo(start, records, inner);
      const before = records.length;
      const damage = readBatch(batch, inner, compression === 0 ? recordsAt : 0, { first, from }, records);
      if (damage !== undefined) {
        records.length = before;
        return upTo(start, records, damaged(damage));
      }
    }
    next = Math.max(last, from) + 1;
    at = end;
  }
  return next === undefined ? undefined : { records, next };
}

/** The records before an offset, and why those after it cannot be read. */
function upTo(offset: number, records: readonly KafkaRecord[], why: string): FetchedSet {
  return { records, next: offset, undecoded: { offset, why } };
}

/** Returns whether records are in a format from before Kafka 0.11. */
export function isOld(bytes: Buffer): boolean {
  return bytes.length > magicAt && (bytes[magicAt] as number) < magic;
}

function isForReaders(batch: Buffer, last: number, aborted: AbortedProducers): boolean {
  const attributes = batch.readInt16BE(attributesAt);
  if ((attributes & transactionBit) === 0) return (attributes & controlBit) === 0;
  const producer = batch.readBigInt64BE(producerAt);
  aborted.goTo(last);
  if ((attributes & controlBit) === 0) return !aborted.has(producer);
  // A producer has one transaction at a time: its next control record ends it.
  aborted.end(producer);
  return false;
}

/** Reads a batch. Returns the reason if that fails. */
function readBatch(
  batch: Buffer,
  bytes: Buffer,
  start: number,
  { first, from }: { readonly first: number; readonly from: number },
  into: WireRecord[],
): string | undefined {
  const isAppendTime = (batch.readInt16BE(attributesAt) & appendTimeBit) !== 0;
  const context: RecordContext = {
    bytes,
    firstTimestamp: Number(batch.readBigInt64BE(firstTimeAt)),
    appendTime: isAppendTime ? Number(batch.readBigInt64BE(maxTimeAt)) : undefined,
  };
  let at = start;
  for (let left = batch.readInt32BE(countAt); left > 0; left--) {
    const length = signedVarint(bytes, at);
    const times = afterVarint() + 1; // after the attributes, which are unused
    const end = times - 1 + length;
    if (!(length > 0 && end <= bytes.length)) return 'a record reaches beyond it';
    const offset = first + signedVarint(bytes, skipVarint(bytes, times));
    const keyLength = signedVarint(bytes, afterVarint());
    const valueLength = signedVarint(bytes, afterVarint() + Math.max(0, keyLength));
    const valueStart = afterVarint();
    const valueEnd = valueStart + Math.max(0, valueLength);
    if (!(valueEnd <= end)) return 'a key or value reaches beyond its record';
    if (offset >= from) into.push(new WireRecord(context, times, offset, valueStart, valueLength));
    at = end;
  }
  return undefined;
}

function damaged(why: string): string {
  return `the batch is damaged: ${why}`;
}
