import type { Measure, Metric, Outcome, Work } from './support/bench.js';
import { Digest } from './support/digest.js';
import { joinThroughMill, joinTopics } from './support/kafka-join-mill.js';
import { digestOfTopic, freshName } from './support/kafka-topics.js';
import type { JoinPlaces } from './support/pair-join.js';
import { timed } from './support/timed.js';
import { Worker } from './support/worker.js';

const partitions = 8;

const metrics = (ratioAtLeast: number): Metric[] => [
  { unit: 'elements/s', target: { ratioAtLeast } },
  { suffix: 'cpu', unit: 'CPU ns/element', target: { ratioAtMost: 1.15 } },
  { suffix: 'memory', unit: 'MB resident' },
];

/**
 * The join of `kafka-join` over eight partitions in one process, and in two of one group; compared with one partition
 * with as many elements in one process. Two processes are faster only if there are free cores in addition to the
 * broker. If one of the two joins the group first, it has all lanes for about a heartbeat: the broker of the benches
 * does not wait for further members, as clusters do. This is part of the measurement.
 */
export const measures: readonly Measure[] = [
  {
    name: 'kafka-lanes',
    size: 800_000,
    reps: 3,
    ours: { run: ({ size }) => run(partitions, size, inThisProcess) },
    reference: { run: ({ size }: Work) => run(1, size, inThisProcess) },
    metrics: metrics(1),
  },
  {
    name: 'kafka-lanes 2-processes',
    size: 1_600_000,
    reps: 3,
    ours: { run: ({ size }) => run(partitions, size, inTwoProcesses) },
    reference: { run: ({ size }: Work) => run(1, size, inThisProcess) },
    metrics: metrics(1.3),
  },
];

type Took = Omit<Outcome, 'digest'>;

async function run(count: number, size: number, join: (topics: JoinPlaces) => Promise<Took>): Promise<Outcome> {
  const perPartition = Math.floor(size / count);
  const topics = await joinTopics(count, perPartition);
  const took = await join(topics);
  const digest = await digestOfTopic(topics.output, count, ({ x, y, time }) => time + x * y, count * perPartition);
  // The variants divide the work differently, so each is compared with the expected results.
  return { ...took, digest, expected: expected(count, perPartition) };
}

function inThisProcess(topics: JoinPlaces): Promise<Took> {
  return timed(
    () => joinThroughMill(topics),
    () => '',
  );
}

/** Runs both processes to their ends: each learns only then that no lanes are left to take over. */
async function inTwoProcesses({ left, right, output }: JoinPlaces): Promise<Took> {
  const group = freshName('mill');
  const worker = () => Worker.start('kafka-join-worker', left, right, output, group);
  const workers = await Promise.all([worker(), worker()]);
  const start = process.hrtime.bigint();
  const outcomes = await Promise.all(workers.map((each) => each.run()));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return { seconds, cpuSeconds: sum((o) => o.cpuSeconds), residentMb: sum((o) => o.residentMb) };
}

function expected(count: number, perPartition: number): string {
  const digest = new Digest();
  for (let i = 0; i < perPartition; i++) digest.add(i + ((i % 100) + 0.5) * ((i % 90) + 0.25));
  return Array.from({ length: count }, () => digest).join('; ');
}
