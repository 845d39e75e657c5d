import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Measure, Variant } from './support/bench.js';
import { fileVariant } from './support/file-variants.js';
import { fractions } from './support/locations.js';

/** The main job on a small file, as a whole process: start and warm-up count. */
export const measures: readonly Measure[] = [
  {
    name: 'files-short',
    size: 10_000,
    reps: 15,
    ours: program('files-short-mill'),
    reference: program('files-short-by-hand'),
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.8 } },
      { suffix: 'time', unit: 'ms' },
    ],
  },
];

function program(name: string): Variant {
  return fileVariant(name, fractions, async (input, output) => {
    const file = path.join(__dirname, 'support', `${name}.js`);
    const [code] = await once(spawn(process.execPath, [file, input, output], { stdio: 'inherit' }), 'exit');
    if (code !== 0) throw new Error(`${name} ended with ${code}.`);
  });
}
