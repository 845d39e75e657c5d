import { field, hoppingWindow } from 'watermill';
import type { Measure } from './support/bench.js';
import { windowMeasure } from './support/sample-windows.js';
import { Sample, type Total, totalOf } from './support/samples.js';

const hop = { size: 100, every: 10 };

/** Windows with tenfold overlap. */
export const measures: readonly Measure[] = [
  windowMeasure('hopping', () => hoppingWindow(Sample, field(Sample, 'time'), hop), hopping),
];

function hopping(samples: readonly Sample[]): Total[] {
  const totals: Total[] = [];
  let first = 0;
  let start = Number.NaN;
  const closeBefore = (end: number, limit: number): void => {
    while (first < end && start + hop.size <= limit) {
      while (first < end && samples[first]!.time < start) first++;
      if (first === end) return;
      start = Math.max(start, firstStart(samples[first]!.time));
      if (start + hop.size > limit) return;
      let last = first;
      while (last < end && samples[last]!.time < start + hop.size) last++;
      totals.push(totalOf(samples.slice(first, last)));
      start += hop.every;
    }
  };
  for (let i = 0; i < samples.length; i++) {
    if (i === first) start = firstStart(samples[i]!.time);
    else closeBefore(i, samples[i]!.time);
  }
  closeBefore(samples.length, Number.POSITIVE_INFINITY);
  return totals;
}

/** Returns the start of the first window that covers a time. */
function firstStart(time: number): number {
  return (Math.floor((time - hop.size) / hop.every) + 1) * hop.every;
}
