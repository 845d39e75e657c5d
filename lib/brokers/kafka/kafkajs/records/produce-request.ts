import type { OutgoingRecords } from '../../client.js';
import type { BatchNumbers } from './batch-numbers.js';
import { writeRecords } from './write-records.js';

export const produceKey = 0;
/** From the first version with the current batch format. The layout of the request is the same in all of these. */
const [leastVersion, mostVersion] = [3, 8];

export function canWriteProduce(version: number): boolean {
  return version >= leastVersion && version <= mostVersion;
}

/** A message in the form that kafkajs expects: one for all records of a partition. */
export interface SentMessage {
  readonly partition: number;
  /** kafkajs rejects messages without a value. */
  readonly value: '';
  readonly records: OutgoingRecords;
}

/** A request as created by kafkajs. */
export interface ProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly SentPartition[];
  }[];
  readonly transactionalId?: string | undefined;
  readonly producerId: string | bigint | { toString(): string };
  readonly producerEpoch: number;
  readonly acks: number;
  readonly timeout?: number | undefined;
  readonly compression: number;
}

interface SentPartition {
  readonly partition: number | string;
  readonly messages: readonly SentMessage[];
  /** The number of earlier requests: kafkajs sees one message in each. */
  readonly firstSequence: number;
}

const defaultTimeoutMs = 30_000;

/** Encodes the request, after the client id of the header. */
export async function writeProduceRequest(request: ProduceRequest, numbers: BatchNumbers): Promise<Buffer> {
  const { transactionalId, acks, timeout = defaultTimeoutMs, topicData } = request;
  const id = transactionalId === undefined ? int16(-1) : text(transactionalId);
  const parts: Buffer[] = [id, int16(acks), int32(timeout), int32(topicData.length)];
  for (const { topic, partitions } of topicData) {
    parts.push(text(topic), int32(partitions.length));
    for (const sent of partitions) {
      const batch = await batchOf(topic, sent, request, numbers);
      parts.push(int32(Number(sent.partition)), int32(batch.length), batch);
    }
  }
  return Buffer.concat(parts);
}

function batchOf(
  topic: string,
  { partition, messages, firstSequence }: SentPartition,
  { transactionalId, producerId, producerEpoch: epoch, compression }: ProduceRequest,
  numbers: BatchNumbers,
): Promise<Buffer> {
  const { records } = messages[0] as SentMessage;
  const producer = BigInt(String(producerId));
  const place = { topic, partition: Number(partition), producer, epoch };
  const sequence = numbers.next(place, firstSequence, records.length);
  const origin = { producer, epoch, sequence, inTransaction: transactionalId !== undefined };
  return writeRecords(records, origin, compression);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
