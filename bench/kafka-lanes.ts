import type { Measure, Outcome, Work } from './support/bench.js';
import { Digest } from './support/digest.js';
import { joinThroughMill, joinTopics } from './support/kafka-join-mill.js';
import { digestOfTopic } from './support/kafka-topics.js';
import { timed } from './support/timed.js';

const partitions = 8;

/** The join of `kafka-join` over eight partitions in one process; against one partition with as many elements. */
export const measures: readonly Measure[] = [
  {
    name: 'kafka-lanes',
    size: 800_000,
    reps: 3,
    ours: { run: ({ size }) => run(partitions, size) },
    reference: { run: ({ size }: Work) => run(1, size) },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 1 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

async function run(count: number, size: number): Promise<Outcome> {
  const perPartition = Math.floor(size / count);
  const topics = await joinTopics(count, perPartition);
  const digest = (of: number, each: number) =>
    digestOfTopic(topics.output, of, ({ x, y, time }) => time + x * y, of * each);
  const outcome = await timed(
    () => joinThroughMill(topics, 'at-least-once'),
    () => digest(count, perPartition),
  );
  // The variants cut the work differently, so each is held to what the inputs say.
  return { ...outcome, expected: expected(count, perPartition) };
}

function expected(count: number, perPartition: number): string {
  const digest = new Digest();
  for (let i = 0; i < perPartition; i++) digest.add(i + ((i % 100) + 0.5) * ((i % 90) + 0.25));
  return Array.from({ length: count }, () => digest).join('; ');
}
