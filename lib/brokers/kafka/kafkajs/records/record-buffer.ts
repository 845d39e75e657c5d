import type { EncodedRecords, OutgoingRecord } from '../../client.js';
import { recordsAt } from './batch-layout.js';
import { afterVarint, signedVarint, skipVarint, varintSize, writeVarint } from './varint.js';

const nothing: Buffer = Buffer.alloc(0);
/** Released bytes, which the next buffer to grow uses. So the memory does not depend on the number of lanes and tables. */
const spare: Buffer[] = [];
const mostSpare = 4;
/** Enough for a request of the usual size. */
const mostSpareBytes = 4 * 1_048_576;

/** Encoded records, one after another, after room for the header of their batch. The buffer grows as needed. */
export class RecordBuffer implements EncodedRecords {
  bytes: Buffer = nothing;
  /** The end of the records. */
  end = recordsAt;
  /** The number of records. */
  length = 0;

  constructor(readonly partition: number) {}

  /** Removes the records. Their bytes must not be in use any more: another buffer may get them. */
  release(): void {
    const { bytes } = this;
    if (bytes.length > 0 && bytes.length <= mostSpareBytes && spare.length < mostSpare) spare.push(bytes);
    this.bytes = nothing;
    this.end = recordsAt;
    this.length = 0;
  }

  /** Ensures room for a number of bytes after the records. */
  reserve(bytes: number): void {
    const needed = this.end + bytes;
    if (needed <= this.bytes.length) return;
    if (this.bytes.length === 0) this.bytes = spare.pop() ?? nothing;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(65_536, 2 * needed));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  /** Appends a record. `time`: its timestamp, relative to that of the first record. */
  append({ key, value, headers }: OutgoingRecord, time: number): void {
    const index = this.length++;
    const keyBytes = bytesOf(key);
    const valueBytes = bytesOf(value);
    const names = headers === undefined ? noNames : Object.keys(headers);
    let body = 1 + varintSize(time) + varintSize(index) + fieldSize(keyBytes) + fieldSize(valueBytes);
    body += varintSize(names.length);
    for (const name of names) body += fieldSize(bytesOf(name)) + fieldSize(bytesOf(headers![name]!));
    this.reserve(body + 5);
    const { bytes } = this;
    let at = writeVarint(bytes, this.end, body);
    bytes[at++] = 0; // attributes, which are unused
    at = writeVarint(bytes, at, time);
    at = writeVarint(bytes, at, index);
    at = writeField(bytes, at, key, keyBytes);
    at = writeField(bytes, at, value, valueBytes);
    at = writeVarint(bytes, at, names.length);
    for (const name of names) {
      at = writeField(bytes, at, name, bytesOf(name));
      at = writeField(bytes, at, headers![name]!, bytesOf(headers![name]!));
    }
    this.end = at;
  }

  /** The records, without timestamps and headers. Their keys and values are parts of the buffer. */
  records(): OutgoingRecord[] {
    const { bytes, partition } = this;
    const found: OutgoingRecord[] = [];
    for (let at = recordsAt; at < this.end; ) {
      const length = signedVarint(bytes, at);
      const bodyAt = afterVarint();
      const keyLengthAt = skipVarint(bytes, skipVarint(bytes, bodyAt + 1));
      const key = partAt(bytes, keyLengthAt);
      const value = partAt(bytes, afterVarint() + (key?.length ?? 0));
      found.push({ partition, key, value });
      at = bodyAt + length;
    }
    return found;
  }
}

/** The bytes after a length; null if it is negative. */
function partAt(bytes: Buffer, lengthAt: number): Buffer | null {
  const length = signedVarint(bytes, lengthAt);
  const at = afterVarint();
  return length < 0 ? null : bytes.subarray(at, at + length);
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

function writeField(bytes: Buffer, at: number, value: string | Buffer | null, size: number): number {
  const from = writeVarint(bytes, at, size);
  if (value === null) return from;
  if (typeof value !== 'string') bytes.set(value, from);
  // Most strings are ASCII, which latin1 encodes faster.
  else bytes.write(value, from, size, size === value.length ? 'latin1' : 'utf8');
  return from + size;
}
