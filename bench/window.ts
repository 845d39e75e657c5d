import { field, MemoryMessageBroker, processFunction, WaterMill, window } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOfTotals, makeSample, Sample, Total, totalOf } from './support/samples.js';
import { timed } from './support/timed.js';

/** Windows by an expression, of thirty samples each, summed. */
export const measures: readonly Measure[] = [
  {
    name: 'window',
    size: 5_000_000,
    ours: { run: throughMill },
    reference: { run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.8 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

function samples(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => makeSample(i * 10, i % 97));
}

async function throughMill({ size }: Work): Promise<Outcome> {
  const broker = new MemoryMessageBroker([[Sample, samples(size)]]);
  const source = window(Sample, field(Sample, 'time').floorDiv(300));
  const process = processFunction(source, { emits: [Total] }, (elements) => totalOf(elements));
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfTotals(broker.written(Total)));
}

async function byHand({ size }: Work): Promise<Outcome> {
  const elements = samples(size);
  return timed(() => sumByWindow(elements), digestOfTotals);
}

function sumByWindow(elements: readonly Sample[]): Total[] {
  const totals: Total[] = [];
  let open: Sample[] = [];
  let openKey = Number.NaN;
  for (const element of elements) {
    const key = Math.floor(element.time / 300);
    if (key !== openKey) {
      if (open.length > 0) totals.push(totalOf(open));
      open = [];
      openKey = key;
    }
    open.push(element);
  }
  if (open.length > 0) totals.push(totalOf(open));
  return totals;
}
