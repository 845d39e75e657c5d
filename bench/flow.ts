import 'reflect-metadata';
import { Field, MemoryMessageBroker, Message, message, WaterMill } from 'watermill';
import { flow } from 'watermill/flow';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOf } from './support/digest.js';
import { Balance, Order, ordersAt } from './support/orders.js';
import { timed } from './support/timed.js';

const customers = 1_000;
const perSum = 50;

/** The incomplete sum of one customer. */
@Message()
class Sum {
  @Field() count!: number;
  @Field() open!: number;
  @Field() time!: number;
}

/** Steps over one stream: filter, map, keyBy, reduce; compared with the same loop over a Map. */
export const measures: readonly Measure[] = [
  {
    name: 'flow',
    size: 5_000_000,
    ours: { run: (work) => throughMill(work, keyed()) },
    reference: { run: (work) => byHand(work, sumsByHand) },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.7 } }],
  },
  {
    name: 'flow-unkeyed',
    size: 5_000_000,
    ours: { run: (work) => throughMill(work, unkeyed()) },
    reference: { run: (work) => byHand(work, mappedByHand) },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.7 } }],
  },
];

function keyed(): object {
  return flow(Order)
    .filter(({ amount }) => amount % 10 !== 0)
    .map(({ time, amount }) => ({ time, amount: amount * 2 }))
    .keyBy(({ time }) => (time / 10) % customers)
    .reduce('sums', Sum, {
      first: ({ time, amount }) => message(Sum, { count: 1, open: amount, time }),
      add: (sum, { time, amount }) => message(Sum, { count: sum.count + 1, open: sum.open + amount, time }),
      complete: ({ count }) => count === perSum,
    })
    .map(({ time, open }) => message(Balance, { time, open }))
    .to(Balance);
}

function unkeyed(): object {
  return flow(Order)
    .filter(({ amount }) => amount % 10 !== 0)
    .map(({ time, amount }) => ({ time, amount: amount * 2 }))
    .map(({ time, amount }) => message(Balance, { time, open: amount }))
    .to(Balance);
}

async function throughMill({ size }: Work, process: object): Promise<Outcome> {
  const broker = new MemoryMessageBroker([[Order, ordersAt(size)]]);
  return timed(
    () => new WaterMill({ process, broker }).run(),
    () => digestOf(broker.written(Balance), ({ time, open }) => [time, open]),
  );
}

function byHand({ size }: Work, work: (orders: readonly Order[]) => Balance[]): Promise<Outcome> {
  const orders = ordersAt(size);
  return timed(
    () => work(orders),
    (balances) => digestOf(balances, ({ time, open }) => [time, open]),
  );
}

function sumsByHand(orders: readonly Order[]): Balance[] {
  const sums = new Map<number, Sum>();
  const balances: Balance[] = [];
  for (const { time, amount } of orders) {
    if (amount % 10 === 0) continue;
    const key = (time / 10) % customers;
    const before = sums.get(key);
    const open = amount * 2;
    const sum =
      before === undefined
        ? message(Sum, { count: 1, open, time })
        : message(Sum, { count: before.count + 1, open: before.open + open, time });
    if (sum.count === perSum) {
      sums.delete(key);
      balances.push(message(Balance, { time, open: sum.open }));
    } else {
      sums.set(key, sum);
    }
  }
  return balances;
}

function mappedByHand(orders: readonly Order[]): Balance[] {
  const balances: Balance[] = [];
  for (const { time, amount } of orders) {
    if (amount % 10 !== 0) balances.push(message(Balance, { time, open: amount * 2 }));
  }
  return balances;
}
