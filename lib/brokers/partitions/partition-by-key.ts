/**
 * How the partition of a result is chosen: the partition of its lane, or by its key, so that equal keys share a
 * partition.
 */
export type PartitionBy = 'lane' | 'key';

/** The partition of a key, as other producers of the stream choose it. */
export type PartitionOfKey<K> = (key: K, partitions: number) => number;

/**
 * Makes the function that chooses the partition of a result from its key, null if it has none, and the number of its
 * lane.
 */
export function partitionChooser<K>(
  by: PartitionBy | undefined,
  ofKey: PartitionOfKey<K>,
  partitions: number,
): (key: K | null, lane: number) => number {
  if (by !== 'key') return (_, lane) => lane % partitions;
  return (key, lane) => (key === null ? lane % partitions : ofKey(key, partitions));
}
