import type { Measure, Outcome, Work } from './support/bench.js';
import { joinThroughMill, joinTopics } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import { timed } from './support/timed.js';

/** The join of `kafka-join`, exactly once; compared with the same mill at least once. */
export const measures: readonly Measure[] = [
  {
    name: 'kafka-eos',
    size: 1_000_000,
    reps: 3,
    ours: { run: (work) => run(work, 'exactly-once') },
    reference: { run: (work) => run(work, 'at-least-once') },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  },
];

async function run({ size }: Work, guarantee: 'exactly-once' | 'at-least-once'): Promise<Outcome> {
  const topics = await joinTopics(1, size);
  return timed(
    () => joinThroughMill(topics, { guarantee }),
    () => digestOfTopic(topics.output, 1, ({ x, y, time }) => time + x * y, size),
  );
}
