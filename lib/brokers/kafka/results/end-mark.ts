import type { KafkaRecord, OutgoingRecord, TopicLimits } from '../client.js';

const header = 'watermill';
const meaning = 'end-of-stream';

/**
 * The record that ends a partition of a stream, with a header for programs and a value for people who look at the
 * topic. In a compacted topic it needs a key; elsewhere, readers that keep the last record of each key skip the mark.
 */
export function endMark(partition: number, { isCompacted }: TopicLimits): OutgoingRecord {
  const key = isCompacted === false ? null : 'watermill:end-of-stream';
  return { partition, key, value: '{"watermill":"end-of-stream"}', headers: { [header]: meaning } };
}

export function isEndMark({ headers }: Pick<KafkaRecord, 'headers'>): boolean {
  const found = headers[header];
  return found != null && [found].flat().some((value) => String(value) === meaning);
}
