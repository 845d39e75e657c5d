import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Metric, Outcome, Work } from './support/bench.js';
import { fileVariant } from './support/file-variants.js';
import { fractions } from './support/locations.js';
import { Balance, balanceOf, digestOfBalances, Order, ordersAt, Payment, paymentsForAll } from './support/orders.js';
import { speedMill } from './support/robots.js';
import { timed } from './support/timed.js';
import { type Runner, withMetrics, withoutMetrics } from './support/with-metrics.js';

/** CPU seconds, since the difference is smaller than the noise of other programs. */
const metrics: readonly Metric[] = [
  { unit: 'elements/s' },
  { suffix: 'CPU', unit: 'elements/CPU s', target: { ratioAtLeast: 0.98 } },
];

/** Joins in memory and of files, with metrics and timed calls; compared with the same without them. */
export const measures: readonly Measure[] = [
  {
    name: 'metrics',
    size: 2_000_000,
    reps: 11,
    ours: { run: (work) => join(work, withMetrics) },
    reference: { run: (work) => join(work, withoutMetrics) },
    metrics,
  },
  {
    name: 'metrics of files',
    size: 2_000_000,
    reps: 11,
    ours: fileVariant('ours', fractions, speedsBy(withMetrics)),
    reference: fileVariant('reference', fractions, speedsBy(withoutMetrics)),
    metrics,
  },
];

async function join({ size }: Work, runner: Runner): Promise<Outcome> {
  const broker = new MemoryMessageBroker([
    [Order, ordersAt(size)],
    [Payment, paymentsForAll(size)],
  ]);
  const tree = joinStreams(Order, joinWith(Payment, { left: field(Order, 'time'), right: field(Payment, 'time') }));
  const process = processFunction(tree, { emits: [Balance] }, (order, payments) =>
    balanceOf(order, payments.of(order)),
  );
  return timed(runner(new WaterMill({ process, broker })), () => digestOfBalances(broker.written(Balance)));
}

function speedsBy(runner: Runner) {
  return async (input: string, output: string): Promise<void> => {
    await runner(speedMill(input, output, fractions))();
  };
}
