import { field, joinStreams, joinWith, MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Balance, balanceOf, digestOfBalances, Order, ordersAt, Payment, paymentsForAll } from './support/orders.js';
import { timed } from './support/timed.js';

/** Two streams in memory, joined on equal keys, with a map per element of the master. */
export const measures: readonly Measure[] = [
  {
    name: 'join',
    size: 2_000_000,
    ours: { run: throughMill },
    reference: { run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.8 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

async function throughMill({ size }: Work): Promise<Outcome> {
  const broker = new MemoryMessageBroker([
    [Order, ordersAt(size)],
    [Payment, paymentsForAll(size)],
  ]);
  const tree = joinStreams(Order, joinWith(Payment, { left: field(Order, 'time'), right: field(Payment, 'time') }));
  const process = processFunction(tree, { emits: [Balance] }, (order, payments) =>
    balanceOf(order, payments.of(order)),
  );
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfBalances(broker.written(Balance)));
}

async function byHand({ size }: Work): Promise<Outcome> {
  const [orders, payments] = [ordersAt(size), paymentsForAll(size)];
  return timed(() => merge(orders, payments), digestOfBalances);
}

function merge(orders: readonly Order[], payments: readonly Payment[]): Balance[] {
  const balances: Balance[] = [];
  let next = 0;
  let group: Payment[] = [];
  let groupTime = Number.NaN;
  for (const order of orders) {
    if (order.time !== groupTime) {
      while (next < payments.length && payments[next]!.time < order.time) next++;
      if (next === payments.length || payments[next]!.time !== order.time) continue;
      group = [];
      groupTime = order.time;
      while (next < payments.length && payments[next]!.time === groupTime) group.push(payments[next++]!);
    }
    const joined = new Map<Order, Payment[]>();
    joined.set(order, group);
    balances.push(balanceOf(order, joined.get(order)!));
  }
  return balances;
}
