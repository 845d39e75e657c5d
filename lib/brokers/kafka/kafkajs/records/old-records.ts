import type { KafkaRecord } from '../../client.js';
import type { AskedOffset, FetchAnswer } from './fetch-answer.js';

/** A record as kafkajs decodes it. */
interface DecodedRecord {
  readonly offset: string;
  readonly value: Buffer | null;
  readonly key: Buffer | null;
  readonly timestamp?: string;
}

/** A response as kafkajs decodes it. */
export interface DecodedAnswer extends Omit<FetchAnswer, 'responses'> {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly DecodedRecord[] }[];
  }[];
}

/**
 * Converts a response with records in the formats before Kafka 0.11, which have neither headers nor transactions, to
 * one message for all records of a partition, like `readFetchAnswer`.
 */
export function withOldRecords(answer: DecodedAnswer, asked: AskedOffset): object {
  const responses = answer.responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((each) => {
      const from = asked(topicName, each.partition);
      const records = each.messages.filter(({ offset }) => Number(offset) >= from).map(recordOf);
      const last = records.at(-1)?.offset;
      if (last === undefined) return { ...each, messages: [] };
      const fetched = { records, next: last + 1 };
      return { ...each, messages: [{ offset: String(last), isControlRecord: false, fetched }] };
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
