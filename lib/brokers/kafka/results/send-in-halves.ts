import { KafkaClientError, type KafkaProducer, type OutgoingRecord, type OutgoingRecords } from '../client.js';
import { type RecordTooLarge, recordTooLarge } from '../kafka-errors.js';
import { batchOverhead, recordBytes } from './record-size.js';

/** The topic of a request, and the names for an error. */
export type RequestPlace = Omit<RecordTooLarge, 'bytes'>;

/**
 * Sends a request, or its halves if it is too large: the topic may accept less than it reported, or did not report its
 * limit. Returns the offset after the last record, if the cluster reported it.
 */
export async function sendInHalves(
  producer: Pick<KafkaProducer, 'send'>,
  place: RequestPlace,
  records: OutgoingRecords,
): Promise<number | undefined> {
  try {
    return await producer.send(place.topic, records);
  } catch (error) {
    if (!(error instanceof KafkaClientError) || error.kind !== 'too large') throw error;
    const single = 'bytes' in records ? records.records() : records;
    if (single.length === 1) {
      const bytes = batchOverhead + recordBytes(single[0] as OutgoingRecord);
      throw recordTooLarge({ ...place, bytes }, error);
    }
    const half = single.length >> 1;
    await sendInHalves(producer, place, single.slice(0, half));
    return sendInHalves(producer, place, single.slice(half));
  }
}
