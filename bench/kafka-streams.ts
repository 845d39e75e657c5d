import path from 'node:path';
import type { Measure, Outcome, Work } from './support/bench.js';
import { inStreams } from './support/kafka-in-streams.js';
import { joinThroughMill, keyedJoinTopics, timestampOf } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import type { JoinPlaces } from './support/pair-join.js';
import { timed } from './support/timed.js';

const measure = (store: 'rocksdb' | 'memory', onNode20: number, onLts: number): Measure => ({
  name: `kafka-streams ${store}`,
  size: 2_000_000,
  reps: 3,
  ours: { run: (work) => run(work, throughMill) },
  reference: { run: (work) => run(work, (topics) => joinInStreams(store, topics, work)) },
  metrics: [
    { unit: 'elements/CPU s', target: { ratioAtLeast: onNode20 }, ltsTarget: { ratioAtLeast: onLts } },
    { suffix: 'throughput', unit: 'elements/s' },
    { suffix: 'memory', unit: 'MB resident' },
  ],
});

/**
 * The join of `kafka-join` by the keys and timestamps of records, compared with Kafka Streams with each kind of store.
 * The JVM warms up, so only long runs are meaningful. CPU time is that of the whole process, from the start of the
 * join.
 */
export const measures: readonly Measure[] = [measure('rocksdb', 1.5, 2.2), measure('memory', 1, 1.5)];

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

function joinInStreams(
  store: 'rocksdb' | 'memory',
  { left, right, output }: JoinPlaces,
  { size, folder }: Work,
): Promise<Took> {
  return inStreams('StreamsJoin', store, left, right, output, String(size), path.join(folder, output));
}
