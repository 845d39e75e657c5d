import type { Class } from '../../../base/class.js';
import type { Key } from '../../../expressions/key.js';
import { keyToJson } from '../../../expressions/key-json.js';
import {
  type ByteWriter,
  byteWriterOf,
  longestNumber,
  longestString,
  putNumber,
  putString,
  writerOf,
} from '../../../messages/index.js';
import type { KeptChange } from '../../kept-tables.js';
import type { EncodedRecords } from '../client.js';
import { RecordBuffer } from '../kafkajs/records/record-buffer.js';
import { varintSize, writeVarint } from '../kafkajs/records/varint.js';

/** The size of a record without its key and its value: at most five bytes for each of four numbers, and three more. */
const mostFrameBytes = 23;

/** The maximum size of a key that is written by `putKey`, in bytes. */
const mostKeyBytes = Math.max(longestNumber, longestString + 2);

/** Writes the values of a table's changes. */
export interface ValueWriter {
  /** Undefined if the changes have texts. */
  readonly bytes: ByteWriter | undefined;
  readonly text: (element: object) => string;
}

/** Returns the writer for the elements of a class. Without `bytes`, changes must have texts. */
export function valueWriterOf(message: Class): ValueWriter {
  return { bytes: byteWriterOf(message, '', ''), text: writerOf(message) as (element: object) => string };
}

/** Changes of a table as the records of one batch: a record per change, and a tombstone for a deleted key. */
export class ChangeBatch extends RecordBuffer implements EncodedRecords {
  /** The sizes of the lengths of the last record and of its value: those of the next one are likely equal. */
  private recordSize = 1;
  private valueSize = 1;

  constructor(
    partition: number,
    private readonly values: ValueWriter,
  ) {
    super(partition);
  }

  /** Appends a change, unless the batch would be larger than `most` bytes; the first one always fits. */
  add({ key, value }: KeptChange, most: number): boolean {
    const { end } = this;
    if (!this.put(key, value)) this.appendTexts(JSON.stringify(keyToJson(key)), this.textOf(value));
    return this.fits(end, most);
  }

  /** The same for the deletion of a key, given as text. */
  addDeletion(key: string, most: number): boolean {
    const { end } = this;
    this.appendTexts(key, null);
    return this.fits(end, most);
  }

  private appendTexts(key: string, value: string | null): void {
    this.append({ partition: this.partition, key, value }, 0);
  }

  /** Removes the last record if it does not fit; `end`: the end of the records before it. */
  private fits(end: number, most: number): boolean {
    if (this.end <= most || this.length === 1) return true;
    this.end = end;
    this.length--;
    return false;
  }

  private textOf(value: unknown): string | null {
    if (value === undefined) return null;
    return typeof value === 'string' ? value : this.values.text(value as object);
  }

  /**
   * Appends a change directly as bytes. Returns false if its key or its value is not plain enough. Lengths come first
   * and have variable sizes, except for that of such a key, which takes one byte: if a guess was wrong, the record is
   * written again.
   */
  private put(key: Key, value: unknown): boolean {
    const { values } = this;
    const isDeleted = value === undefined;
    if (!isDeleted && (values.bytes === undefined || typeof value === 'string')) return false;
    this.reserve(mostFrameBytes + mostKeyBytes + (values.bytes?.mostBytes ?? 0));
    const { bytes, end: start, length: index } = this;
    for (;;) {
      const bodyAt = start + this.recordSize;
      bytes[bodyAt] = 0; // attributes, which are unused
      bytes[bodyAt + 1] = 0; // the timestamp, relative to that of the first record
      const keyLengthAt = writeVarint(bytes, bodyAt + 2, index);
      const keyAt = keyLengthAt + 1;
      const keyEnd = putKey(bytes, keyAt, key);
      if (keyEnd < 0) return false;
      const valueAt = keyEnd + (isDeleted ? 1 : this.valueSize);
      const valueEnd = isDeleted ? valueAt : written(values.bytes as ByteWriter, value as object, bytes, valueAt);
      if (valueEnd < 0) return false;
      if (!this.areSizesOf(valueEnd + 1 - bodyAt, isDeleted ? undefined : valueEnd - valueAt)) continue;
      writeVarint(bytes, start, valueEnd + 1 - bodyAt);
      writeVarint(bytes, keyLengthAt, keyEnd - keyAt);
      writeVarint(bytes, keyEnd, isDeleted ? -1 : valueEnd - valueAt);
      bytes[valueEnd] = 0; // the number of headers
      this.end = valueEnd + 1;
      this.length = index + 1;
      return true;
    }
  }

  /** Returns whether the guessed sizes were right; from now on, they are. */
  private areSizesOf(record: number, value: number | undefined): boolean {
    const { recordSize, valueSize } = this;
    if (value !== undefined) this.valueSize = varintSize(value);
    this.recordSize = varintSize(record);
    return this.recordSize === recordSize && this.valueSize === valueSize;
  }
}

/**
 * Writes the JSON text of `keyToJson` directly into bytes, for numbers and short strings. Returns its end, or -1 for
 * other keys.
 */
function putKey(bytes: Uint8Array, at: number, key: Key): number {
  if (typeof key === 'string') return putString(bytes, at, key);
  // JSON does not have a negative zero.
  if (typeof key === 'number') return putNumber(bytes, at, key === 0 ? 0 : key);
  return -1;
}

/** If the element's code throws, the text writer reports it. */
function written({ write }: ByteWriter, element: object, bytes: Uint8Array, at: number): number {
  try {
    return write(element, bytes, at);
  } catch {
    return -1;
  }
}
