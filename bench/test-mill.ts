import { MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import { testMill } from 'watermill/testing';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Order, ordersAt } from './support/orders.js';
import { timed } from './support/timed.js';

/**
 * Awaited pushes of one element; compared with pushes into memory and turns of the event loop until the result is
 * there.
 */
export const measures: readonly Measure[] = [
  {
    name: 'test-mill',
    size: 50_000,
    ours: { run: pushes },
    reference: { run: intoMemory },
    // 20,000 pushes a second.
    metrics: [{ unit: 'ns/element', target: { oursAtMost: 50_000 } }],
  },
];

const copy = processFunction(Order, { emits: [Order] }, (order) => order);

async function pushes({ size }: Work): Promise<Outcome> {
  const orders = ordersAt(size);
  const run = async () => {
    await using kit = testMill({ process: copy });
    for (const order of orders) await kit.push(Order, order);
    await kit.end();
    return kit.results(Order).length;
  };
  return timed(run, String);
}

async function intoMemory({ size }: Work): Promise<Outcome> {
  const orders = ordersAt(size);
  let count = 0;
  const process = processFunction(Order, { emits: [] }, () => void count++);
  const broker = new MemoryMessageBroker([[Order]]);
  const run = async () => {
    const running = new WaterMill({ process, broker }).run();
    for (const [i, order] of orders.entries()) {
      void broker.push(Order, order);
      while (count <= i) await new Promise((resolve) => setImmediate(resolve));
    }
    broker.end(Order);
    await running;
    return count;
  };
  return timed(run, String);
}
