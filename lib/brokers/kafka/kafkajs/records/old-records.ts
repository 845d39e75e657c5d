import type { KafkaRecord } from '../../client.js';
import { type AskedOffset, type FetchAnswer, type FetchedPartition, messageOf } from './fetch-answer.js';

/** A record as kafkajs decodes it. */
interface DecodedRecord {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly key: Buffer | null;
  readonly timestamp?: string;
}

/** A response as kafkajs decodes it. */
export interface DecodedAnswer {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly DecodedRecord[] }[];
  }[];
}

/**
 * Adds the records in the formats before Kafka 0.11, which have neither headers nor transactions, as kafkajs decodes
 * them. The other partitions stay as they are: kafkajs would return their aborted records as well.
 */
export function withOldRecords(answer: FetchAnswer, decoded: DecodedAnswer, asked: AskedOffset): FetchAnswer {
  const responses = answer.responses.map(({ topicName, partitions }, i) => ({
    topicName,
    partitions: partitions.map((each, j): FetchedPartition => {
      if (!each.isOld) return each;
      const from = asked(topicName, each.partition);
      const messages = decoded.responses[i]?.partitions[j]?.messages ?? [];
      const records = messages.filter(({ offset }) => Number(offset) >= from).map(recordOf);
      const last = records.at(-1)?.offset;
      if (last === undefined) return each;
      return { ...each, messages: [messageOf({ records, next: last + 1 }, from, Number(each.highWatermark))] };
    }),
  }));
  return { ...answer, responses };
}

function recordOf({ offset, value, key, timestamp }: DecodedRecord): KafkaRecord {
  return {
    offset: Number(offset),
    value,
    valueLength: value?.length ?? -1,
    text: () => String(value),
    key,
    timestamp: Number(timestamp ?? -1),
    headers: {},
  };
}
