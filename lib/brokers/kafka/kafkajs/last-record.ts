import { KafkaClientError, type KafkaRecord } from '../client.js';
import type { KafkajsCluster } from './cluster.js';

/** The maximum number of transaction markers at the end of a partition that are skipped. */
const mostMarks = 100;

/** The last record of a partition between these offsets that is visible to readers. Read without a group. */
export async function lastRecord(
  cluster: KafkajsCluster,
  topic: string,
  partition: number,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<KafkaRecord | undefined> {
  for (let offset = high - 1; offset >= Math.max(low, high - mostMarks); offset--) {
    const { fetched } = await cluster.fetch(topic, partition, offset, 1_048_576);
    if (fetched?.undecoded !== undefined) {
      const what = `the last record of ${topic}, partition ${partition}, cannot be read`;
      throw new KafkaClientError('other', `${what}: ${fetched.undecoded.why}`);
    }
    const last = fetched?.records.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}
