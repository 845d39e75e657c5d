import {
  field,
  hoppingWindow,
  MemoryMessageBroker,
  processFunction,
  sessionWindow,
  slidingWindow,
  WaterMill,
} from 'watermill';
import type { Measure, Work } from './support/bench.js';
import { digestOfTotals, makeSample, Sample, Total, totalOf } from './support/samples.js';
import { timed } from './support/timed.js';

const time = field(Sample, 'time');
const hop = { size: 100, every: 10 };
const gap = 100;
const reach = 10;

/** Windows that overlap ten times, sessions of fifty samples, and for each sample those within ten before it. */
export const measures: readonly Measure[] = [
  measure('windows hopping', () => hoppingWindow(Sample, time, hop), hopping),
  measure('windows session', () => sessionWindow(Sample, time, { gap }), sessions),
  measure('windows sliding', () => slidingWindow(Sample, time, { size: reach }), sliding),
];

type SampleWindow = ReturnType<typeof sessionWindow<Sample, number>>;

function measure(
  name: string,
  makeWindow: () => SampleWindow,
  byHand: (samples: readonly Sample[]) => Total[],
): Measure {
  return {
    name,
    size: 2_000_000,
    reps: 3,
    ours: { run: ({ size }: Work) => throughMill(makeWindow(), samples(size)) },
    reference: {
      run: async ({ size }: Work) => {
        const elements = samples(size);
        return timed(() => byHand(elements), digestOfTotals);
      },
    },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.7 } }],
  };
}

/** One sample at every time, and a pause after every fifty. */
function samples(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => makeSample(i + Math.floor(i / 50) * 200, i % 97));
}

function throughMill(window: SampleWindow, elements: readonly Sample[]) {
  const broker = new MemoryMessageBroker([[Sample, elements]]);
  const process = processFunction(window, { emits: [Total] }, (open) => totalOf(open));
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfTotals(broker.written(Total)));
}

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

/** The start of the first window that covers a time. */
function firstStart(time: number): number {
  return (Math.floor((time - hop.size) / hop.every) + 1) * hop.every;
}

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

function sliding(samples: readonly Sample[]): Total[] {
  const totals: Total[] = [];
  let first = 0;
  for (let i = 0; i < samples.length; i++) {
    while (samples[first]!.time < samples[i]!.time - reach) first++;
    totals.push(totalOf(samples.slice(first, i + 1)));
  }
  return totals;
}
