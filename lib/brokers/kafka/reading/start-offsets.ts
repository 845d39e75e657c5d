import { isDate } from '../../../base/date.js';
import type { KafkaClient } from '../client.js';
import { positionLost } from '../kafka-errors.js';
import type { KafkaSettings } from '../options/kafka-options.js';

/** The offset to start a partition at, if the group has no commit for it. */
export async function startOffset(
  client: KafkaClient,
  { startFrom }: KafkaSettings,
  topic: string,
  partition: number,
): Promise<number> {
  if (isDate(startFrom)) {
    const found = (await client.offsetsAt(topic, startFrom.getTime()))[partition];
    if (found !== undefined && found >= 0) return found;
  }
  const { low, high } = await rangeOf(client, topic, partition);
  // No record is as late as the date, so the next one is the first.
  if (startFrom === 'latest' || isDate(startFrom)) return high;
  return startFrom === 'earliest' ? low : (startFrom[topic]?.[partition] ?? low);
}

/** The offset to read at: the given one, if the cluster still has it. */
export async function checkedOffset(
  client: KafkaClient,
  { onLostPositions }: KafkaSettings,
  topic: string,
  partition: number,
  offset: number,
): Promise<number> {
  const { low, high } = await rangeOf(client, topic, partition);
  if (offset >= low && offset <= high) return offset;
  if (onLostPositions === 'earliest') return low;
  throw positionLost({ topic, partition, offset, low, high });
}

async function rangeOf(client: KafkaClient, topic: string, partition: number) {
  const ranges = await client.offsetsOf(topic);
  return ranges.find((range) => range.partition === partition) ?? { partition, low: 0, high: 0 };
}
