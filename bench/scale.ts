import path from 'node:path';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOfFile } from './support/digest.js';
import { expectedSpeeds, locationsFile, measureSpeeds, writeLocations } from './support/robots.js';
import { timed } from './support/timed.js';

/** The main job over four times the input, under a small heap: neither time per element nor memory may grow. */
export const measures: readonly Measure[] = [
  {
    name: 'scale',
    size: 5_000_000,
    reps: 3,
    ours: { prepare: writeLocations, run: throughMill, times: 4, heapMb: 128 },
    reference: { prepare: writeLocations, run: throughMill, heapMb: 128 },
    metrics: [
      { unit: 'ns/element', target: { ratioAtMost: 1.2 } },
      { suffix: 'memory', unit: 'MB resident', target: { ratioAtMost: 1.1 } },
    ],
  },
];

async function throughMill(work: Work): Promise<Outcome> {
  const input = locationsFile(work);
  const output = path.join(work.folder, 'speeds.json');
  const outcome = await timed(
    () => measureSpeeds(input, output),
    () => digestOfFile(output),
  );
  return { ...outcome, expected: expectedSpeeds(work.size) };
}
