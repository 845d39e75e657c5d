import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Outcome, Work } from './bench.js';
import type { JoinPlaces } from './pair-join.js';

/** Has Kafka Streams do the join, in a JVM of its own; what that took, without a digest. */
export async function joinInStreams(
  store: 'rocksdb' | 'memory',
  { left, right, output }: JoinPlaces,
  { size, folder }: Work,
): Promise<Omit<Outcome, 'digest'>> {
  const classPath = process.env.WATERMILL_KAFKA_STREAMS;
  if (classPath === undefined) throw new Error('kafka-streams is run by: npm run bench -- kafka-streams');
  const stores = path.join(folder, output);
  const args = ['-Xmx2g', '-cp', classPath, 'StreamsJoin', store, left, right, output, String(size), stores];
  const { stdout } = await promisify(execFile)('java', args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}
