import { isDate } from '../../../base/date.js';
import type { Logger } from '../../../base/logger.js';
import type { KafkaClient } from '../client.js';
import { continuedAtEarliest, positionLost, startUnknown } from '../kafka-errors.js';
import type { KafkaSettings, StartFrom, StartPositions } from '../options/kafka-options.js';

/** The offset to start a partition at, if the group has no commit for it. */
export async function startOffset(
  client: KafkaClient,
  { startFrom }: KafkaSettings,
  topic: string,
  partition: number,
): Promise<number> {
  if (isDate(startFrom)) {
    // Kafka has no records before 1970, and a special meaning for negative times.
    const found = (await client.offsetsAt(topic, Math.max(0, startFrom.getTime())))[partition];
    if (found !== undefined && found >= 0) return found;
  }
  const { low, high } = await rangeOf(client, topic, partition);
  // No record is as late as the date, so the next one is the first.
  if (startFrom === 'latest' || isDate(startFrom)) return high;
  return positionsIn(startFrom)?.[topic]?.[partition] ?? low;
}

interface ReadPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The records before the offset were read in this run, so it must not become an earlier one. */
  readonly isBeingRead: boolean;
}

/** The offset to read at: the given one, if the cluster still has it. */
export async function checkedOffset(
  client: KafkaClient,
  { onLostPositions, startFrom }: KafkaSettings,
  { topic, partition, offset, isBeingRead }: ReadPosition,
  logger: Logger,
): Promise<number> {
  const { low, high } = await rangeOf(client, topic, partition);
  if (offset >= low && offset <= high) return offset;
  const isStart = positionsIn(startFrom)?.[topic]?.[partition] === offset;
  const lost = { topic, partition, offset, low, high, isStart };
  if (onLostPositions !== 'earliest' || (isBeingRead && low < offset)) throw positionLost(lost);
  logger.warn({ topic, partition, offset, continuedAt: low }, continuedAtEarliest(lost));
  return low;
}

/** Throws for a partition in `startFrom` that does not exist: it would have no effect. */
export function checkStartPartitions({ startFrom }: KafkaSettings, topic: string, partitions: number): void {
  const unknown = Object.keys(positionsIn(startFrom)?.[topic] ?? {}).find((each) => Number(each) >= partitions);
  if (unknown !== undefined) throw startUnknown(topic, unknown, partitions);
}

function positionsIn(startFrom: StartFrom): StartPositions | undefined {
  return typeof startFrom === 'string' || isDate(startFrom) ? undefined : startFrom;
}

async function rangeOf(client: KafkaClient, topic: string, partition: number) {
  const ranges = await client.offsetsOf(topic);
  return ranges.find((range) => range.partition === partition) ?? { partition, low: 0, high: 0 };
}
