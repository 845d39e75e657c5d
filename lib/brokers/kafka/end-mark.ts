import type { KafkaRecord, OutgoingRecord } from './client.js';

const header = 'watermill';
const meaning = 'end-of-stream';

/** The record that ends a partition of a stream: a header for programs, a value for people who look at the topic. */
export function endMark(partition: number): OutgoingRecord {
  return { partition, key: null, value: '{"watermill":"end-of-stream"}', headers: { [header]: meaning } };
}

export function isEndMark({ headers }: Pick<KafkaRecord, 'headers'>): boolean {
  const found = headers?.[header];
  return found !== undefined && String(found) === meaning;
}
