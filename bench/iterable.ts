import { type BatchRequest, CustomMessageBroker, EndOfStream, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Order, ordersAt } from './support/orders.js';
import { timed } from './support/timed.js';

/** One stream of an async generator, and of a batch source with arrays, through a mill; compared with `for await`. */
export const measures: readonly Measure[] = [
  {
    name: 'iterable',
    size: 2_000_000,
    ours: { run: (work) => throughMill(work, (orders) => () => oneByOne(orders)) },
    reference: { run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.7 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
  {
    name: 'iterable-arrays',
    size: 2_000_000,
    ours: { run: (work) => throughMill(work, inArrays) },
    reference: { run: byHand },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.9 } }],
  },
];

const perArray = 1_000;

async function* oneByOne(orders: readonly Order[]): AsyncGenerator<Order> {
  for (const order of orders) yield order;
}

function inArrays(orders: readonly Order[]) {
  return {
    async read({ after = 0 }: BatchRequest<number>) {
      if (after >= orders.length) return { data: [new EndOfStream()], to: after + 1 };
      return { data: orders.slice(after, after + perArray), to: after + perArray };
    },
  };
}

async function throughMill({ size }: Work, sourceOf: (orders: readonly Order[]) => unknown): Promise<Outcome> {
  const orders = ordersAt(size);
  let sum = 0;
  const process = processFunction(Order, { emits: [] }, ({ time }) => {
    sum += time % 7;
  });
  const broker = new CustomMessageBroker<any, any>({ sources: [[Order, sourceOf(orders)]] as never });
  return timed(
    () => new WaterMill({ process, broker }).run(),
    () => String(sum),
  );
}

async function byHand({ size }: Work): Promise<Outcome> {
  const orders = ordersAt(size);
  let sum = 0;
  const run = async (): Promise<void> => {
    for await (const { time } of oneByOne(orders)) sum += time % 7;
  };
  return timed(run, () => String(sum));
}
