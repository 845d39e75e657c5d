import type { Measure } from './support/bench.js';
import { fileVariant } from './support/file-variants.js';
import { fractions } from './support/locations.js';
import { measureSpeeds } from './support/robots.js';
import { writeSpeeds } from './support/speeds-by-hand.js';

/** The distance of the two nodes on one file, in elements. */
const apart = 50_000;

/** Memory if matching elements are far apart in their file. */
export const measures: readonly Measure[] = [
  {
    name: 'memory',
    size: 2_000_000,
    reps: 3,
    ours: fileVariant('ours', fractions, (input, output) => measureSpeeds(input, output, fractions, apart)),
    reference: fileVariant('reference', fractions, (input, output) => writeSpeeds(input, output, fractions, apart)),
    metrics: [
      { unit: 'MB resident', target: { oursAtMost: 130 } },
      { suffix: 'speed', unit: 'elements/s' },
    ],
  },
];
