import type { Measure, Outcome, Work } from './support/bench.js';
import { joinByHand } from './support/kafka-join-by-hand.js';
import { joinThroughMill, joinTopics } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import type { JoinPlaces } from './support/pair-join.js';
import { timed } from './support/timed.js';

/** Two topics of one partition, joined on equal keys into a third, at least once; compared with a hand-written join. */
export const measures: readonly Measure[] = [
  {
    name: 'kafka-join',
    size: 1_000_000,
    reps: 3,
    ours: { run: (work) => run(work, (topics) => joinThroughMill(topics)) },
    reference: { run: (work) => run(work, (topics) => joinByHand(topics, work.size)) },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.9 } },
      { suffix: 'cpu', unit: 'elements/CPU s' },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

async function run({ size }: Work, join: (topics: JoinPlaces) => Promise<void>): Promise<Outcome> {
  const topics = await joinTopics(1, size);
  return timed(
    () => join(topics),
    () => digestOfTopic(topics.output, 1, ({ x, y, time }) => time + x * y, size),
  );
}
