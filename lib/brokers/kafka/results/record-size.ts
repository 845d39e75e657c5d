import type { OutgoingRecord } from '../client.js';

/** The overhead of a batch of records, in bytes. */
export const batchOverhead = 61;
/** The maximum size of a record's timestamp and offset deltas, after the first record of a batch. */
const deltas = 12;

/** The size of a record alone in an uncompressed batch, in bytes, without the overhead of the batch. */
export function recordBytes({ key, value, headers = {} }: OutgoingRecord): number {
  const names = Object.keys(headers);
  // Attributes, and the deltas of timestamp and offset, which are zero.
  let body = 3 + field(key) + field(value) + numberBytes(names.length);
  for (const name of names) body += field(name) + field(headers[name] ?? null);
  return numberBytes(body) + body;
}

/** An upper bound of a record's size in a batch; a cheap estimate if the record is small. */
export function mostRecordBytes(record: OutgoingRecord, small: number): number {
  const { key, value, headers } = record;
  const most = 3 * ((value?.length ?? 0) + (key === null ? 0 : key.length)) + 32;
  return headers === undefined && most <= small ? most : recordBytes(record) + deltas;
}

function field(bytes: string | Buffer | null): number {
  if (bytes === null) return 1;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
  return numberBytes(length) + length;
}

/** The size of a non-negative number; seven bits per byte, one bit in total for the sign. */
function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 0x80; rest /= 0x80) bytes++;
  return bytes;
}
