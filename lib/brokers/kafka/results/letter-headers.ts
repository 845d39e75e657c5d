import { type LetterSource, letterSourceOf } from '../../letter-source.js';
import type { RecordMaker } from './result-records.js';

/** Adds headers to the record of a dead letter: the source of the message, the error, and the message itself. */
export function withLetterHeaders(record: RecordMaker): RecordMaker {
  return (element, own) => {
    const made = record(element, own);
    const source = letterSourceOf(element);
    return source === undefined ? made : { ...made, headers: headersOf(source) };
  };
}

function headersOf({ stream, lane, position, error, raw, origin }: LetterSource): Record<string, string | Buffer> {
  const { key, timestamp } = origin ?? {};
  return {
    'watermill-stream': stream,
    'watermill-partition': lane,
    'watermill-offset': String(position),
    ...(timestamp !== undefined && { 'watermill-timestamp': String(timestamp) }),
    ...(key !== undefined && { 'watermill-key': bytes(key) }),
    'watermill-error': error,
    'watermill-raw': bytes(raw),
  };
}

function bytes(raw: Uint8Array | string): string | Buffer {
  return typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
}
