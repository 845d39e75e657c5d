import type { EncodedRecords, OutgoingRecord, OutgoingRecords } from '../../client.js';
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
import { RecordBuffer } from './record-buffer.js';

/** The identity of the producer, and the sequence number of the first record. */
export interface BatchOrigin {
  readonly producer: bigint;
  readonly epoch: number;
  readonly sequence: number;
  readonly inTransaction: boolean;
}

/** Encodes records as one batch, in the format that brokers store. The header of encoded records is written into them. */
export async function writeRecords(
  records: OutgoingRecords,
  { producer, epoch, sequence, inTransaction }: BatchOrigin,
  compression: number,
): Promise<Buffer> {
  const now = Date.now();
  const [first, last] = isEncoded(records) ? [now, now] : timesOf(records, now);
  const plain = isEncoded(records) ? records.bytes.subarray(0, records.end) : writeAll(records, first, now);
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

function isEncoded(records: OutgoingRecords): records is EncodedRecords {
  return 'bytes' in records;
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
  const buffer = new RecordBuffer((records[0] as OutgoingRecord).partition);
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as OutgoingRecord;
    buffer.append(record, (record.timestamp ?? now) - first);
  }
  const plain = Buffer.from(buffer.bytes.subarray(0, buffer.end));
  buffer.release();
  return plain;
}
