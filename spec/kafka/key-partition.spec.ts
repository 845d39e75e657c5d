import { Partitioners } from 'kafkajs';
import { murmur2, partitionOfKey } from '../../lib/brokers/kafka/results/key-partition.js';
import { Random } from '../support/random.js';

describe('the partition of a key', () => {
  // From the tests of Apache Kafka's Java client.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('is the one that kafkajs chooses', () => {
    const random = new Random(7);
    const choose = Partitioners.DefaultPartitioner();
    for (let i = 0; i < 500; i++) {
      const key = Array.from({ length: random.int(12) }, () => String.fromCodePoint(32 + random.int(600))).join('');
      const partitions = 1 + random.int(20);
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
      const message = { key, value: '' };
      expect(partitionOfKey(key, partitions)).toBe(choose({ topic: 't', partitionMetadata, message } as any));
    }
  });
});
