import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { FetchedPart } from './cluster.js';

/**
 * Fetches from an offset on. `check` throws if the result cannot be used; then, as after any interruption, the fetch is
 * retried.
 */
export type FetchFrom = (offset: number, check: (part: FetchedPart) => FetchedPart) => Promise<FetchedPart>;

/**
 * Reads all records of a partition that are visible to readers, in order, without a group. `place` names the partition.
 * Returns the offset after the last one. Some may not be readable yet: `high`, the end for readers of committed records,
 * is before an open transaction. Then the fetch is retried, the first one before records are taken.
 */
export async function readPartition(
  fetchFrom: FetchFrom,
  place: string,
  { low, high }: { readonly low: number; readonly high: number },
  take: (record: KafkaRecord) => void | Promise<void>,
  left?: (records: number) => void,
): Promise<number> {
  let end: number | undefined;
  for (let offset = low; end === undefined || offset < end; ) {
    left?.((end ?? high) - offset);
    const endSoFar: number | undefined = end;
    const part = await fetchFrom(offset, (found) => {
      const last = endSoFar ?? Math.max(high, found.end);
      const isMissing = endSoFar === undefined || found.fetched === undefined;
      if (found.readable < last && isMissing) throw notReadable(place, found.readable, last);
      return found;
    });
    end ??= Math.max(high, part.end);
    const { fetched } = part;
    // Compaction has removed the records.
    if (fetched === undefined) break;
    for (const record of fetched.records) {
      const pressure = record.offset < end ? take(record) : undefined;
      if (pressure !== undefined) await pressure;
    }
    if (fetched.undecoded !== undefined) {
      throw new KafkaClientError('other', `${place}, cannot be read: ${fetched.undecoded.why}`);
    }
    offset = fetched.next;
  }
  return end ?? high;
}

function notReadable(place: string, readable: number, end: number): KafkaClientError {
  const why = 'a transaction is open, or the leader has just changed';
  return new KafkaClientError(
    'interrupted',
    `${place}, has records up to offset ${end}, and those from ${readable} on cannot be read yet: ${why}`,
  );
}
