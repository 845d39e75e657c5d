import type { Measure, Outcome, Work } from './support/bench.js';
import { joinMill, joinTopics } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import { timed } from './support/timed.js';
import { type Runner, withMetrics, withoutMetrics } from './support/with-metrics.js';

/** The join of `kafka-join` with metrics and timed calls; compared with the same without them. */
export const measures: readonly Measure[] = [
  {
    name: 'kafka-metrics',
    size: 1_000_000,
    reps: 11,
    ours: { run: (work) => run(work, withMetrics) },
    reference: { run: (work) => run(work, withoutMetrics) },
    metrics: [{ unit: 'elements/s' }, { suffix: 'CPU', unit: 'elements/CPU s', target: { ratioAtLeast: 0.98 } }],
  },
];

async function run({ size }: Work, runner: Runner): Promise<Outcome> {
  const topics = await joinTopics(1, size);
  return timed(runner(joinMill(topics)), () => digestOfTopic(topics.output, 1, ({ x, y, time }) => time + x * y, size));
}
