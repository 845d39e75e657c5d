import { KafkaClientError, type KafkaRecord } from '../../client.js';
import { decompressed } from '../codecs.js';
import { AbortedProducers, type AbortedTransaction } from './aborted-producers.js';
import { afterVarint, signedVarint, skipVarint } from './varint.js';
import { type RecordContext, WireRecord } from './wire-record.js';

/** The layout of a batch of records: the offsets of its parts. */
const lengthAt = 8;
const magicAt = 16;
const attributesAt = 21;
const lastDeltaAt = 23;
const firstTimeAt = 27;
const maxTimeAt = 35;
const producerAt = 43;
const countAt = 57;
const recordsAt = 61;

const compressionBits = 0x07;
const appendTimeBit = 0x08;
const transactionBit = 0x10;
const controlBit = 0x20;

const magic = 2;

/** The result of a fetch for one partition. */
export interface FetchedSet {
  /** Without records of aborted transactions, and without control records. */
  readonly records: readonly KafkaRecord[];
  /** The offset after the last record, including those that are left out. */
  readonly next: number;
  /** The records after these could not be decompressed. */
  readonly undecoded?: { readonly offset: number; readonly why: string };
}

/**
 * Reads the records of a partition from an offset on. A batch that is cut off at the end is ignored: the next fetch brings all
 * of it. Undefined if there is no complete batch.
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
    const end = at + lengthAt + 4 + bytes.readInt32BE(at + lengthAt);
    if (end > bytes.length || bytes[at + magicAt] !== magic) break;
    const batch = bytes.subarray(at, end);
    const first = Number(batch.readBigInt64BE(0));
    const last = first + batch.readInt32BE(lastDeltaAt);
    if (last >= from && isForReaders(batch, last, aborted)) {
      const compression = batch.readInt16BE(attributesAt) & compressionBits;
      const inner = compression === 0 ? batch : await decompressed(compression, batch.subarray(recordsAt));
      if (typeof inner === 'string') {
        const offset = Math.max(first, from);
        return { records, next: offset, undecoded: { offset, why: inner } };
      }
      readBatch(batch, inner, compression === 0 ? recordsAt : 0, { first, from }, records);
    }
    next = Math.max(last, from) + 1;
    at = end;
  }
  return next === undefined ? undefined : { records, next };
}

/** Whether records are in a format from before Kafka 0.11. */
export function isOld(bytes: Buffer): boolean {
  return bytes.length > magicAt && (bytes[magicAt] as number) < magic;
}

function isForReaders(batch: Buffer, last: number, aborted: AbortedProducers): boolean {
  const attributes = batch.readInt16BE(attributesAt);
  if ((attributes & transactionBit) === 0) return (attributes & controlBit) === 0;
  const producer = batch.readBigInt64BE(producerAt);
  aborted.goTo(last);
  if ((attributes & controlBit) === 0) return !aborted.has(producer);
  // A producer has one transaction at a time: the next control record is its end.
  aborted.end(producer);
  return false;
}

function readBatch(
  batch: Buffer,
  bytes: Buffer,
  start: number,
  { first, from }: { readonly first: number; readonly from: number },
  into: WireRecord[],
): void {
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
    if (!(length > 0 && end <= bytes.length)) throw damaged(first);
    const offset = first + signedVarint(bytes, skipVarint(bytes, times));
    const keyLength = signedVarint(bytes, afterVarint());
    const valueLength = signedVarint(bytes, afterVarint() + Math.max(0, keyLength));
    if (offset >= from) into.push(new WireRecord(context, times, offset, afterVarint(), valueLength));
    at = end;
  }
}

function damaged(offset: number): KafkaClientError {
  return new KafkaClientError(
    'other',
    `the batch of records at offset ${offset} is damaged: a record reaches beyond it`,
  );
}
