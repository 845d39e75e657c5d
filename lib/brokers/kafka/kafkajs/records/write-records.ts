import type { OutgoingRecord } from '../../client.js';
import { compressed } from '../codecs.js';
import {
  attributesAt,
  beforeLength,
  checksumAt,
  countAt,
  epochAt,
  firstTimeAt,
  lastDeltaAt,
  leaderEpochAt,
  lengthAt,
  magic,
  magicAt,
  maxTimeAt,
  producerAt,
  recordsAt,
  sequenceAt,
  transactionBit,
} from './batch-layout.js';
import { crc32c } from './crc32c.js';
import { varintSize, writeVarint } from './varint.js';

/** The identity of the producer, and the sequence number of the first record. */
export interface BatchOrigin {
  readonly producer: bigint;
  readonly epoch: number;
  readonly sequence: number;
  readonly inTransaction: boolean;
}

/** The buffer in which batches are built before they are copied. It grows as needed. */
let scratch = Buffer.alloc(0);

/** Encodes records as one batch, in the format that brokers store. */
export async function writeRecords(
  records: readonly OutgoingRecord[],
  { producer, epoch, sequence, inTransaction }: BatchOrigin,
  compression: number,
): Promise<Buffer> {
  const now = Date.now();
  const [first, last] = timesOf(records, now);
  const plain = writeAll(records, first, now);
  const batch = compression === 0 ? plain : await withCompressed(plain, compression);
  batch.fill(0, 0, 8); // the base offset, which the broker assigns
  batch.writeInt32BE(batch.length - beforeLength, lengthAt);
  batch.writeInt32BE(0, leaderEpochAt);
  batch.writeInt8(magic, magicAt);
  batch.writeInt16BE(compression | (inTransaction ? transactionBit : 0), attributesAt);
  batch.writeInt32BE(records.length - 1, lastDeltaAt);
  batch.writeBigInt64BE(BigInt(first), firstTimeAt);
  batch.writeBigInt64BE(BigInt(last), maxTimeAt);
  batch.writeBigInt64BE(producer, producerAt);
  batch.writeInt16BE(epoch, epochAt);
  batch.writeInt32BE(sequence, sequenceAt);
  batch.writeInt32BE(records.length, countAt);
  batch.writeUInt32BE(crc32c(batch, attributesAt, batch.length), checksumAt);
  return batch;
}

async function withCompressed(batch: Buffer, compression: number): Promise<Buffer> {
  return Buffer.concat([batch.subarray(0, recordsAt), await compressed(compression, batch.subarray(recordsAt))]);
}

/** The timestamp of the first record, and the latest timestamp. */
function timesOf(records: readonly OutgoingRecord[], now: number): [first: number, last: number] {
  let last = 0;
  for (let i = 0; i < records.length; i++) last = Math.max(last, records[i]!.timestamp ?? now);
  return [records[0]?.timestamp ?? now, last];
}

/** Encodes the records after room for the header. */
function writeAll(records: readonly OutgoingRecord[], first: number, now: number): Buffer {
  let at = recordsAt;
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as OutgoingRecord;
    const { key, value, headers } = record;
    const keyBytes = bytesOf(key);
    const valueBytes = bytesOf(value);
    const time = (record.timestamp ?? now) - first;
    const names = headers === undefined ? noNames : Object.keys(headers);
    let body = 1 + varintSize(time) + varintSize(i) + fieldSize(keyBytes) + fieldSize(valueBytes);
    body += varintSize(names.length);
    for (const name of names) body += fieldSize(bytesOf(name)) + fieldSize(bytesOf(headers![name]!));
    reserve(at, body + 5);
    at = writeVarint(scratch, at, body);
    scratch[at++] = 0; // attributes, which are unused
    at = writeVarint(scratch, at, time);
    at = writeVarint(scratch, at, i);
    at = writeField(key, keyBytes, at);
    at = writeField(value, valueBytes, at);
    at = writeVarint(scratch, at, names.length);
    for (const name of names) {
      at = writeField(name, bytesOf(name), at);
      at = writeField(headers![name]!, bytesOf(headers![name]!), at);
    }
  }
  return Buffer.from(scratch.subarray(0, at));
}

const noNames: readonly string[] = [];

/** The size of a value in bytes; -1 for null. */
function bytesOf(value: string | Buffer | null): number {
  if (value === null) return -1;
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

function fieldSize(bytes: number): number {
  return varintSize(bytes) + Math.max(0, bytes);
}

/** Ensures room for a number of bytes at an offset. */
function reserve(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(65_536, 2 * (at + bytes)));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function writeField(value: string | Buffer | null, bytes: number, at: number): number {
  const from = writeVarint(scratch, at, bytes);
  if (value === null) return from;
  if (typeof value !== 'string') scratch.set(value, from);
  // Most strings are ASCII, which latin1 encodes faster.
  else scratch.write(value, from, bytes, bytes === value.length ? 'latin1' : 'utf8');
  return from + bytes;
}
