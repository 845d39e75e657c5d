const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** The partition of a key, as chosen by Java's clients and kafkajs, so that equal keys share a partition. */
export function partitionOfKey(key: string | Buffer, partitions: number): number {
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
}

/** The 32-bit MurmurHash2 with the seed of Kafka's default partitioner. Signed, as in Java. */
export function murmur2(data: Buffer): number {
  const { length } = data;
  const tail = length & ~3;
  let hash = seed ^ length;
  for (let at = 0; at < tail; at += 4) hash = Math.imul(hash, multiplier) ^ scrambled(data.readInt32LE(at));
  let rest = 0;
  for (let at = length - 1; at >= tail; at--) rest = (rest << 8) | (data[at] as number);
  if (tail < length) hash = Math.imul(hash ^ rest, multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, multiplier);
  return Math.imul(mixed ^ (mixed >>> 24), multiplier);
}
