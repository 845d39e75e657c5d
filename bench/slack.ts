import { field, MemoryMessageBroker, processFunction, tumblingWindow, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOfTotals, makeSample, Sample, Total, totalOf } from './support/samples.js';
import { timed } from './support/timed.js';

const slack = 110;

/** Windows over samples that are late by up to some units, reordered, compared with the same samples in order. */
export const measures: readonly Measure[] = [
  {
    name: 'slack',
    size: 5_000_000,
    reps: 3,
    ours: { run: ({ size }) => throughMill(disordered(inOrder(size)), true) },
    reference: { run: ({ size }: Work) => throughMill(inOrder(size), false) },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.5 } }],
  },
];

function inOrder(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => makeSample(i * 10, i % 97));
}

/** Moves each sample up to eleven positions, which is the slack, after its own. */
function disordered(samples: readonly Sample[]): Sample[] {
  const delayed = samples.map((sample, i) => ({ sample, at: i * 10 + ((Math.imul(i, 0x9e3779b1) >>> 0) % slack) }));
  return delayed.sort((a, b) => a.at - b.at).map(({ sample }) => sample);
}

async function throughMill(samples: readonly Sample[], isDisordered: boolean): Promise<Outcome> {
  const broker = new MemoryMessageBroker([[Sample, samples]]);
  const source = tumblingWindow(Sample, field(Sample, 'time'), { size: 300 });
  const process = processFunction(source, { emits: [Total] }, (elements) => totalOf(elements));
  const inputs = isDisordered ? ([[Sample, { order: { slack } }]] as const) : undefined;
  const run = () => new WaterMill({ process, broker, inputs }).run();
  return timed(run, () => digestOfTotals(broker.written(Total)));
}
