import type { Measure, Metric } from './support/bench.js';
import { fileVariant } from './support/file-variants.js';
import { fractions, type Track, wholeNumbers } from './support/locations.js';
import { measureSpeeds } from './support/robots.js';
import { writeSpeeds } from './support/speeds-by-hand.js';

const metrics: readonly Metric[] = [
  { unit: 'elements/s', target: { ratioAtLeast: 1.5 } },
  { suffix: 'CPU', unit: 'elements/CPU s' },
  { suffix: 'memory', unit: 'MB resident', target: { oursAtMost: 130 }, ltsTarget: { oursAtMost: 180 } },
];

/** The main job: a file joined with itself, from file to file, through decorated classes. */
export const measures: readonly Measure[] = [measure('files', fractions), measure('files whole numbers', wholeNumbers)];

function measure(name: string, track: Track): Measure {
  return {
    name,
    size: 2_000_000,
    ours: fileVariant('ours', track, (input, output) => measureSpeeds(input, output, track)),
    reference: fileVariant('reference', track, (input, output) => writeSpeeds(input, output, track)),
    metrics,
  };
}
