import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Measure, Outcome, Work } from './support/bench.js';
import { joinThroughMill, keyedJoinTopics, timestampOf } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import type { JoinPlaces } from './support/pair-join.js';
import { timed } from './support/timed.js';

const measure = (store: 'rocksdb' | 'memory', ratioAtLeast: number): Measure => ({
  name: `kafka-streams ${store}`,
  size: 2_000_000,
  reps: 3,
  ours: { run: (work) => run(work, throughMill) },
  reference: { run: (work) => run(work, (topics) => joinInStreams(store, topics, work)) },
  metrics: [
    { unit: 'elements/CPU s', ltsTarget: { ratioAtLeast } },
    { suffix: 'throughput', unit: 'elements/s' },
    { suffix: 'memory', unit: 'MB resident' },
  ],
});

/**
 * The join of `kafka-join` by keys and timestamps that records have, against Kafka Streams with each kind of store. The
 * JVM warms up, so only long runs say something. CPU time is that of the whole process, from when the join begins. The targets are those of the newest LTS: on Node 20 it is
 * reported only.
 */
export const measures: readonly Measure[] = [measure('rocksdb', 1.5), measure('memory', 1)];

type Took = Omit<Outcome, 'digest'>;

async function run({ size }: Work, join: (topics: JoinPlaces) => Promise<Took>): Promise<Outcome> {
  const topics = await keyedJoinTopics(size);
  const took = await join(topics);
  const digest = await digestOfTopic(
    topics.output,
    1,
    ({ x, y, time }, { key, timestamp }) =>
      String(key) === String(time) && Number(timestamp) === timestampOf(time) ? time + x * y : Number.NaN,
    size,
  );
  return { ...took, digest };
}

function throughMill(topics: JoinPlaces): Promise<Took> {
  return timed(
    () => joinThroughMill(topics, { keyed: true }),
    () => '',
  );
}

/** Has Kafka Streams do the join, in a JVM of its own; what that took, without a digest. */
async function joinInStreams(
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
