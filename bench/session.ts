import { field, sessionWindow } from 'watermill';
import type { Measure } from './support/bench.js';
import { windowMeasure } from './support/sample-windows.js';
import { Sample, type Total, totalOf } from './support/samples.js';

const gap = 100;

/** The loop by hand takes 25 ns per sample: with fewer samples, mostly start and warm-up would be measured. */
const size = 10_000_000;

/** Sessions of fifty samples. */
export const measures: readonly Measure[] = [
  windowMeasure('session', () => sessionWindow(Sample, field(Sample, 'time'), { gap }), sessions, size),
];

function sessions(samples: readonly Sample[]): Total[] {
  const totals: Total[] = [];
  let open: Sample[] = [];
  let last = Number.NaN;
  for (const sample of samples) {
    if (sample.time - last > gap) {
      totals.push(totalOf(open));
      open = [];
    }
    open.push(sample);
    last = sample.time;
  }
  if (open.length > 0) totals.push(totalOf(open));
  return totals;
}
