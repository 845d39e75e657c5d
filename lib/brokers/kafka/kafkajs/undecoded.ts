import { randomUUID } from 'node:crypto';
import type { KafkaRecord } from '../client.js';

/**
 * Where records cannot be decompressed, the client fails with all that one answer brought, and says neither topic nor
 * offset. So what it gets are as many records with a header that says why; the reader knows where they are. The
 * header's name is one that no producer can have written.
 */
const header = `watermill-undecoded-${randomUUID()}`;
let wereAny = false;

/** So much stands before the compressed records of a batch; the last four bytes say how many they are. */
const batchHead = 61;

/** What stands for the records of a batch, given as a part of the batch; as if it were decompressed. */
export function undecodedRecords(compressed: Buffer, why: string): Buffer {
  wereAny = true;
  const head = Buffer.from(compressed.buffer, compressed.byteOffset - batchHead, batchHead);
  const count = head.readInt32BE(batchHead - 4);
  const headers = Buffer.concat([signed(1), sized(header), sized(why)]);
  return Buffer.concat(Array.from({ length: count }, (_, i) => undecodedRecord(i, headers)));
}

/** Why a record could not be decompressed; undefined for one that is as it was written. */
export function whyUndecoded({ headers }: Pick<KafkaRecord, 'headers'>): string | undefined {
  const found = wereAny ? headers?.[header] : undefined;
  return found === undefined ? undefined : String(found);
}

/** The first of these records that could not be decompressed, and why. */
export function firstUndecoded(records: readonly KafkaRecord[]): { at: number; why: string } | undefined {
  if (!wereAny) return undefined;
  const at = records.findIndex((record) => whyUndecoded(record) !== undefined);
  return at < 0 ? undefined : { at, why: whyUndecoded(records[at] as KafkaRecord) as string };
}

function undecodedRecord(offsetDelta: number, headers: Buffer): Buffer {
  const nothing = signed(-1);
  const body = Buffer.concat([Buffer.of(0), signed(0), signed(offsetDelta), nothing, nothing, headers]);
  return Buffer.concat([signed(body.length), body]);
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([signed(bytes.length), bytes]);
}

/** A number as Kafka's records have it: zigzag, seven bits to a byte. */
function signed(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}
