import type { Measure, Outcome, Work } from './support/bench.js';
import type { JoinPlaces } from './support/pair-join.js';
import { joinByHand } from './support/redis-join-by-hand.js';
import { joinStreamsOf, joinThroughMill } from './support/redis-join-mill.js';
import { digestOfStream } from './support/redis-streams.js';
import { timed } from './support/timed.js';

const atLeastOnce = (work: Work) => run(work, (streams) => joinThroughMill(streams, 'at-least-once'));

/**
 * Two streams, joined on equal keys into a third: at least once compared with a hand-written join, exactly once
 * compared with at least once.
 */
export const measures: readonly Measure[] = [
  {
    name: 'redis-stream',
    size: 500_000,
    reps: 3,
    ours: { run: atLeastOnce },
    reference: { run: (work) => run(work, (streams) => joinByHand(streams, work.size)) },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.9 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
  {
    name: 'redis-stream exactly once',
    size: 500_000,
    reps: 3,
    ours: { run: (work) => run(work, (streams) => joinThroughMill(streams, 'exactly-once')) },
    reference: { run: atLeastOnce },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  },
];

async function run({ size }: Work, join: (streams: JoinPlaces) => Promise<void>): Promise<Outcome> {
  const streams = await joinStreamsOf(size);
  return timed(
    () => join(streams),
    () => digestOfStream(streams.output, ({ x, y, time }) => time + x * y),
  );
}
