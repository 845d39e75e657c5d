import type { Measure, Outcome } from './support/bench.js';
import { timed } from './support/timed.js';

/** The start of a program: everything is imported, and a mill with its classes is created. */
export const measures: readonly Measure[] = [
  {
    name: 'start',
    size: 1,
    reps: 15,
    ours: { run: importAndMake },
    reference: { run: importPeers },
    metrics: [{ unit: 'ms', target: { ratioAtMost: 2 } }],
  },
];

async function importAndMake(): Promise<Outcome> {
  return timed(
    async () => {
      await import('reflect-metadata');
      const { makeMill } = await import('./support/small-mill.js');
      return makeMill();
    },
    () => 'started',
  );
}

async function importPeers(): Promise<Outcome> {
  return timed(
    async () => {
      await import('reflect-metadata');
      return [await import('class-transformer'), await import('tsyringe')];
    },
    () => 'started',
  );
}
