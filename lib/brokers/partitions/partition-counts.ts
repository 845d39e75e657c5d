import { WaterMillError } from '../../base/watermill-error.js';

/** Throws if streams have different numbers of partitions. `what`: the name for such a stream, a topic. */
export function expectEqualPartitions(counts: ReadonlyMap<string, number>, what: string): void {
  if (new Set(counts.values()).size <= 1) return;
  const found = [...counts].map(([stream, count]) => `${stream} ${count}`).join(', ');
  throw new WaterMillError(
    'WM_PARTITION_COUNTS',
    `The ${what}s have different numbers of partitions: ${found}. A lane joins the same partition of every ${what} and writes to the same one, so all ${what}s of a mill need equally many. ` +
      `Copy the one that differs to a ${what} with as many partitions as the others, by the same key and partitioner.`,
    { expected: 'equally many partitions', found },
  );
}

/** Throws if a stream of results has fewer partitions than the leading broker has lanes. */
export function expectPartitionPerLane(stream: string, partitions: number, lanes: number, what: string): void {
  if (partitions >= lanes) return;
  throw new WaterMillError(
    'WM_PARTITION_COUNTS',
    `The mill reads ${lanes} lanes from another broker, and a lane writes to the partition of its number, but ${stream} has ${partitions} partitions. Write to a ${what} with at least ${lanes}.`,
    { stream, expected: `at least ${lanes} partitions`, found: String(partitions) },
  );
}
