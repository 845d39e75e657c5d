import {
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  type MillOptions,
  processFunction,
  slidingWindow,
  type Tree,
  WaterMill,
} from 'watermill';
import { settled } from '../support/virtual-clock.js';
import { Next, Order, orders, Price, prices } from './support/model.js';

const keys = { left: field(Order, 'time'), right: field(Price, 'time') };

/** Returns the held elements when a mill over endless streams has made all possible progress. */
async function heldBy(stream: MillOptions['stream'], inputs: object[][], options: Partial<MillOptions> = {}) {
  const broker = new MemoryMessageBroker([[Order], [Price], [Next]]);
  const process = processFunction(stream as Tree<any>, { emits: [] }, () => {});
  const mill = new WaterMill({ process, broker, ...options });
  const running = mill.run();
  const [ofOrder = [], ofPrice = []] = inputs;
  broker.push(Order, ...(ofOrder as Order[]));
  broker.push(Price, ...(ofPrice as Price[]));
  const isIdle = (): boolean => mill.progress().waiting.some((waiting) => waiting.for === 'input');
  for (let turns = 0; turns < 100 && !isIdle(); turns++) await settled();
  const { held } = mill.progress();
  await mill.stop();
  await running;
  return Object.fromEntries(held.map(({ by, elements }) => [by, elements]));
}

describe('progress() reports what is held', () => {
  it('by an edge of equal keys: the group of the last key', async () => {
    const tree = joinStreams(Order, joinWith(Price, keys));
    expect(await heldBy(tree, [orders(1, 2), prices(1, 2, 2, 2)])).toEqual({ Order: 1, 'Order to Price': 3 });
  });

  it('by an edge within an interval: the band', async () => {
    const tree = joinStreams(Order, joinWith(Price, { ...keys, within: [-2, 1] }));
    expect(await heldBy(tree, [orders(1, 5), prices(1, 2, 3, 4, 5, 6)])).toEqual({ Order: 1, 'Order to Price': 4 });
  });

  it('by an as-of edge: the last of each pair of equal values', async () => {
    const tree = joinStreams(Order, joinWith(Price, { ...keys, asOf: 'backward' }));
    expect(await heldBy(tree, [orders(4), prices(1, 2, 3)])).toEqual({ Order: 1, 'Order to Price': 1 });
  });

  it('below nested edges', async () => {
    const below = joinWith(Next, { left: field(Price, 'time'), right: field(Next, 'time') });
    const tree = joinStreams(Order, joinWith(joinStreams(Price, below), keys));
    const held = await heldBy(tree, [orders(1, 2, 3), prices(1, 1, 2)]);
    expect(held).toEqual({ Order: 1, 'Order to Price': 3, 'Price to Next': 0 });
  });

  it('by a window, each element once', async () => {
    const window = slidingWindow(Order, field(Order, 'time'), { size: 3 });
    expect(await heldBy(window, [orders(1, 2, 3, 4, 5)])).toEqual({ Order: 0, 'window of Order': 4 });
  });

  it('by slack, and nothing after the end of the mill', async () => {
    const inputs = [[Order, { order: { slack: 2 } }]] as const;
    const window = slidingWindow(Order, field(Order, 'time'), { size: 3 });
    expect(await heldBy(window, [orders(1, 2, 5, 4)], { inputs })).toMatchObject({ Order: 2 });
    const broker = new MemoryMessageBroker([[Order, orders(1, 2, 3)]]);
    const mill = new WaterMill({ process: processFunction(window, { emits: [] }, () => {}), broker });
    await mill.run();
    expect(mill.progress().held.map(({ elements }) => elements)).toEqual([0, 0]);
  });
});
