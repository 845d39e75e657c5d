import type { MessageHeaders } from '../../../batch.js';
import type { KafkaRecord } from '../../client.js';
import { afterVarint, signedVarint, skipVarint } from './varint.js';

/** The data that the records of a batch share. */
export interface RecordContext {
  /** The decompressed batch. */
  readonly bytes: Buffer;
  /** The base timestamp: each record has its difference to it. */
  readonly firstTimestamp: number;
  /** The timestamp of all records, if the broker stamps them when it appends them. */
  readonly appendTime: number | undefined;
}

const noHeaders: MessageHeaders = Object.freeze({});

/** A record within the bytes of a fetch. Its parts are decoded on access. */
export class WireRecord implements KafkaRecord {
  constructor(
    private readonly context: RecordContext,
    /** The offset of its timestamp in the bytes; the other parts follow. */
    private readonly start: number,
    readonly offset: number,
    private readonly valueStart: number,
    readonly valueLength: number,
  ) {}

  get value(): Buffer | null {
    const { valueStart, valueLength } = this;
    return valueLength < 0 ? null : this.context.bytes.subarray(valueStart, valueStart + valueLength);
  }

  text(): string {
    return this.context.bytes.toString('utf8', this.valueStart, this.valueStart + this.valueLength);
  }

  get key(): Buffer | null {
    const { bytes } = this.context;
    const length = signedVarint(bytes, skipVarint(bytes, skipVarint(bytes, this.start)));
    const from = afterVarint();
    return length < 0 ? null : bytes.subarray(from, from + length);
  }

  get timestamp(): number {
    const { bytes, firstTimestamp, appendTime } = this.context;
    return appendTime ?? firstTimestamp + signedVarint(bytes, this.start);
  }

  get headers(): MessageHeaders {
    const { bytes } = this.context;
    const from = this.valueStart + Math.max(0, this.valueLength);
    return bytes[from] === 0 ? noHeaders : headersAt(bytes, from);
  }
}

function headersAt(bytes: Buffer, from: number): MessageHeaders {
  const found = new Map<string, Buffer[]>();
  let count = signedVarint(bytes, from);
  // In a damaged record, the count may be far too large.
  for (let at = afterVarint(); count > 0 && at < bytes.length; count--) {
    const nameLength = signedVarint(bytes, at);
    const nameStart = afterVarint();
    const nameEnd = nameStart + Math.max(0, nameLength);
    const name = bytes.toString('utf8', nameStart, nameEnd);
    const length = signedVarint(bytes, nameEnd);
    const start = afterVarint();
    at = start + Math.max(0, length);
    const values = found.get(name);
    const value = length < 0 ? (null as unknown as Buffer) : bytes.subarray(start, at);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length > 1 ? values : values[0]!]));
}
