import { field, slidingWindow } from 'watermill';
import type { Measure } from './support/bench.js';
import { windowMeasure } from './support/sample-windows.js';
import { Sample, type Total, totalOf } from './support/samples.js';

const reach = 10;

/** For each sample the samples within ten before it. */
export const measures: readonly Measure[] = [
  windowMeasure('sliding', () => slidingWindow(Sample, field(Sample, 'time'), { size: reach }), sliding),
];

function sliding(samples: readonly Sample[]): Total[] {
  const totals: Total[] = [];
  let first = 0;
  for (let i = 0; i < samples.length; i++) {
    while (samples[first]!.time < samples[i]!.time - reach) first++;
    totals.push(totalOf(samples.slice(first, i + 1)));
  }
  return totals;
}
