import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Balance, balanceOf, digestOfBalances, Order, ordersAt, Payment, paymentsForHalf } from './support/orders.js';
import { timed } from './support/timed.js';

/**
 * The orders with a payment, which are every second one. A memory broker creates the elements of its results when they
 * are read: `semi-read` includes that.
 */
export const measures: readonly Measure[] = [
  {
    name: 'semi',
    size: 2_000_000,
    ours: { run: (work) => throughMill(work, false) },
    reference: { run: byHand },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.8 } }],
  },
  {
    name: 'semi-read',
    size: 2_000_000,
    ours: { run: (work) => throughMill(work, true) },
    reference: { run: byHand },
    metrics: [{ unit: 'elements/s' }],
  },
];

async function throughMill({ size }: Work, reads: boolean): Promise<Outcome> {
  const broker = new MemoryMessageBroker([
    [Order, ordersAt(size)],
    [Payment, paymentsForHalf(size)],
  ]);
  const keys = { left: field(Order, 'time'), right: field(Payment, 'time') };
  const tree = joinStreams(Order, joinWith(Payment, { ...keys, kind: 'semi' }));
  const process = processFunction(tree, { emits: [Balance] }, (order) => balanceOf(order, []));
  const run = async () => {
    await new WaterMill({ process, broker }).run();
    if (reads) broker.written(Balance);
  };
  return timed(run, () => digestOfBalances(broker.written(Balance)));
}

async function byHand({ size }: Work): Promise<Outcome> {
  const [orders, payments] = [ordersAt(size), paymentsForHalf(size)];
  return timed(() => select(orders, payments), digestOfBalances);
}

function select(orders: readonly Order[], payments: readonly Payment[]): Balance[] {
  const balances: Balance[] = [];
  let next = 0;
  for (const order of orders) {
    while (next < payments.length && payments[next]!.time < order.time) next++;
    const isPaid = next < payments.length && payments[next]!.time === order.time;
    if (isPaid) balances.push(balanceOf(order, []));
  }
  return balances;
}
