import type { Measure, Variant } from './support/bench.js';
import { fileVariant } from './support/file-variants.js';
import { expectedSpeeds, fractions } from './support/locations.js';
import { measureSpeeds } from './support/robots.js';

/** The main job over four times the input, under a small heap: neither time per element nor memory may grow. */
export const measures: readonly Measure[] = [
  {
    name: 'scale',
    size: 5_000_000,
    reps: 3,
    ours: { ...throughMill(), times: 4, heapMb: 128 },
    reference: { ...throughMill(), heapMb: 128 },
    metrics: [
      { unit: 'ns/element', target: { ratioAtMost: 1.2 } },
      { suffix: 'memory', unit: 'MB resident', target: { ratioAtMost: 1.1 } },
    ],
  },
];

function throughMill(): Variant {
  const variant = fileVariant('speeds', fractions, (input, output) => measureSpeeds(input, output, fractions));
  return {
    ...variant,
    run: async (work) => ({ ...(await variant.run(work)), expected: expectedSpeeds(work.size, fractions) }),
  };
}
