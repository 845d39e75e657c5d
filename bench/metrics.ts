import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import { registerMetrics } from 'watermill/metrics';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Balance, balanceOf, digestOfBalances, Order, ordersAt, Payment, paymentsForAll } from './support/orders.js';
import { timed } from './support/timed.js';

/** The join of two streams in memory, with metrics and timed calls; with the same without. */
export const measures: readonly Measure[] = [
  {
    name: 'metrics',
    size: 2_000_000,
    ours: { run: (work) => join(work, true) },
    reference: { run: (work) => join(work, false) },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.98 } }],
  },
];

const scrapeEveryMs = 1_000;

async function join({ size }: Work, isMeasured: boolean): Promise<Outcome> {
  const broker = new MemoryMessageBroker([
    [Order, ordersAt(size)],
    [Payment, paymentsForAll(size)],
  ]);
  const tree = joinStreams(Order, joinWith(Payment, { left: field(Order, 'time'), right: field(Payment, 'time') }));
  const process = processFunction(tree, { emits: [Balance] }, (order, payments) =>
    balanceOf(order, payments.of(order)),
  );
  const mill = new WaterMill({ process, broker });
  const metrics: { get(): Promise<object> }[] = [];
  if (isMeasured) registerMetrics(mill, { registerMetric: (metric) => metrics.push(metric) });
  const scraping = setInterval(() => void Promise.all(metrics.map((metric) => metric.get())), scrapeEveryMs);
  try {
    return await timed(
      () => mill.run(),
      () => digestOfBalances(broker.written(Balance)),
    );
  } finally {
    clearInterval(scraping);
  }
}
