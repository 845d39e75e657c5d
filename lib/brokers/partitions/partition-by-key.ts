/** Where a result goes: to the partition of its lane, or to one that its key says, so that equal keys lie together. */
export type PartitionBy = 'lane' | 'key';

/** The partition of a key, as other programs that write to the stream choose it. */
export type PartitionOfKey<K> = (key: K, partitions: number) => number;

/** Chooses the partition of a result by its key, null if it has none, and the number of the lane that writes it. */
export function partitionChooser<K>(
  by: PartitionBy | undefined,
  ofKey: PartitionOfKey<K>,
  partitions: number,
): (key: K | null, lane: number) => number {
  if (by !== 'key') return (_, lane) => lane % partitions;
  return (key, lane) => (key === null ? lane % partitions : ofKey(key, partitions));
}
