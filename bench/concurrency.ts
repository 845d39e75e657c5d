import { MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { digestOf } from './support/digest.js';
import { Balance, Order, ordersAt } from './support/orders.js';
import { timed } from './support/timed.js';

const atOnce = 64;
const answersAfterMs = 5;

/**
 * A service that responds after 5 ms, called for every element, 64 at once; compared with a hand-written loop that
 * keeps the order.
 */
export const measures: readonly Measure[] = [
  {
    name: 'concurrency',
    size: 100_000,
    reps: 3,
    ours: { run: throughMill },
    reference: { run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.9 } },
      { suffix: 'CPU', unit: 'CPU ns/element' },
    ],
  },
];

function ask(order: Order): Promise<Order> {
  return new Promise((resolve) => setTimeout(resolve, answersAfterMs, order));
}

function balanceOf({ time, amount }: Order): Balance {
  return message(Balance, { time, open: amount });
}

async function throughMill({ size }: Work): Promise<Outcome> {
  const options = { emits: [Balance], concurrency: atOnce } as const;
  const process = processFunction(Order, options, async (order) => balanceOf(await ask(order)));
  const broker = new MemoryMessageBroker([[Order, ordersAt(size)]]);
  return timed(
    () => new WaterMill({ process, broker }).run(),
    () => digestOf(broker.written(Balance), ({ time, open }) => [time, open]),
  );
}

/** Like `p-limit`: the next call starts when one of those in progress is done. */
async function byHand({ size }: Work): Promise<Outcome> {
  const orders = ordersAt(size);
  const results: Balance[] = new Array(size);
  const run = async (): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < orders.length) {
        const i = next++;
        results[i] = balanceOf(await ask(orders[i] as Order));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  return timed(run, () => digestOf(results, ({ time, open }) => [time, open]));
}
