import { MemoryMessageBroker, processFunction, type sessionWindow, WaterMill } from 'watermill';
import type { Measure } from './bench.js';
import { digestOfTotals, makeSample, Sample, Total, totalOf } from './samples.js';
import { timed } from './timed.js';

type SampleWindow = ReturnType<typeof sessionWindow<Sample, number>>;

/** Windows of samples, each summed, through a mill; compared with a hand-written loop. */
export function windowMeasure(
  name: string,
  makeWindow: () => SampleWindow,
  byHand: (samples: readonly Sample[]) => Total[],
  size = 2_000_000,
): Measure {
  return {
    name,
    size,
    reps: 3,
    ours: { run: ({ size }) => throughMill(makeWindow(), samples(size)) },
    reference: {
      run: async ({ size }) => {
        const elements = samples(size);
        return timed(() => byHand(elements), digestOfTotals);
      },
    },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  };
}

/** One sample per time unit, and a pause after every fifty. */
function samples(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => makeSample(i + Math.floor(i / 50) * 200, i % 97));
}

function throughMill(window: SampleWindow, elements: readonly Sample[]) {
  const broker = new MemoryMessageBroker([[Sample, elements]]);
  const process = processFunction(window, { emits: [Total] }, (open) => totalOf(open));
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfTotals(broker.written(Total)));
}
