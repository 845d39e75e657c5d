import { mkdtempSync } from 'node:fs';
import { type BatchRequest, CustomMessageBroker, EndOfStream, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';
import { countingIn, nameOf, PageView, VisitsOnDisk, viewAt } from './support/visits.js';

const perBatch = 1_000;
const heapMb = 256;
const step = 7_919;

/**
 * A table on disk with ten million keys under a small heap; compared with one of a tenth of that: the cost of an
 * element should be the same.
 */
export const measures: readonly Measure[] = [
  {
    name: 'store',
    size: 10_000_000,
    reps: 1,
    ours: { run, heapMb },
    reference: { run, heapMb, times: 0.1 },
    metrics: [
      { unit: 'CPU ns/element', target: { ratioAtMost: 1.5 } },
      { suffix: 'memory', unit: 'MB resident', target: { oursAtMost: 600 } },
    ],
  },
];

async function run({ size, folder }: Work): Promise<Outcome> {
  const broker = new CustomMessageBroker({ sources: [[PageView, views(size)]] });
  const storeFolder = mkdtempSync(`${folder}/stores-`);
  const mill = new WaterMill({ process: countingIn(VisitsOnDisk), broker, storeFolder });
  const outcome = await timed(
    () => mill.run(),
    () => {
      const visits = mill.table(VisitsOnDisk);
      const seldom = [0, 1, size - 1].filter((user) => visits.get(nameOf(user))?.count !== 1);
      return `${visits.size === size}, ${seldom.length} wrong`;
    },
  );
  return { ...outcome, expected: 'true, 0 wrong' };
}

/** One view per user, in a mixed order. */
function views(size: number) {
  return {
    async read({ after = 0 }: BatchRequest<number>) {
      if (after >= size) return { data: [new EndOfStream()], to: after + 1 };
      const to = Math.min(after + perBatch, size);
      const data = Array.from({ length: to - after }, (_, i) => viewAt(after + i, nameOf(((after + i) * step) % size)));
      return { data, to };
    },
  };
}
