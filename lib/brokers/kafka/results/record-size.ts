import type { OutgoingRecord } from '../client.js';

/** What a batch of records takes in addition to them, in bytes. */
export const batchOverhead = 61;
/** After the first one of a batch, a record takes more bytes for its time and its offset. */
const deltas = 12;

/** How many bytes a record takes alone in a batch that is not compressed, without the batch's own. */
export function recordBytes({ key, value, headers = {} }: OutgoingRecord): number {
  const names = Object.keys(headers);
  // Attributes, and the differences of time and offset, which are none.
  let body = 3 + field(key) + field(value) + numberBytes(names.length);
  for (const name of names) body += field(name) + field(headers[name] ?? null);
  return numberBytes(body) + body;
}

/** No less than a record takes in a batch; where it is small, an estimate that costs nothing. */
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

/** Of a number that is not negative; seven bits to a byte, one of all for the sign. */
function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 0x80; rest /= 0x80) bytes++;
  return bytes;
}
