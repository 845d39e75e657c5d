import type { Measure, Metric, Outcome, Work } from './support/bench.js';
import { measureLatency } from './support/kafka-latency-load.js';
import type { Guarantee, RelayKind } from './support/kafka-relay.js';
import { freshName, makeTopic } from './support/kafka-topics.js';
import { Worker } from './support/worker.js';

const metrics: readonly Metric[] = [
  { suffix: 'p50', unit: 'ms p50', target: { ratioAtMost: 2 } },
  { suffix: 'p99', unit: 'ms p99', target: { ratioAtMost: 2 } },
];

const measure = (name: string, guarantee: Guarantee): Measure => ({
  name,
  size: 20_000,
  reps: 3,
  ours: { run: (work) => run(work, 'mill', guarantee) },
  reference: { run: (work) => run(work, 'hand', guarantee) },
  metrics,
});

/**
 * The latency of a message at 1,000 a second from one topic to another, through a process that changes it: a mill,
 * compared with a hand-written program. Exactly once, both commit every 100 ms, which delays results by as much.
 */
export const measures: readonly Measure[] = [
  measure('kafka-latency', 'at-least-once'),
  measure('kafka-latency exactly-once', 'exactly-once'),
];

async function run({ size }: Work, kind: RelayKind, guarantee: Guarantee): Promise<Outcome> {
  const [input, output] = [freshName('asked'), freshName('told')];
  await makeTopic(input, 1);
  await makeTopic(output, 1);
  const worker = await Worker.start('kafka-relay-worker', kind, guarantee, input, output);
  const [took, { latency, digest }] = await Promise.all([worker.run(), measureLatency(input, output, size)]);
  return { ...took, digest, latency };
}
