import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  CustomMessageBroker,
  Field,
  field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type SourceRequest,
  table,
  WaterMill,
} from 'watermill';
import { Alarm, Order, orders, Price, prices, range, Sale, tree } from '../../mill/support/model.js';
import type { Broker } from '../../mill/support/seam.js';
import { watched } from '../../mill/support/watched-broker.js';
import { stride } from '../../support/cases.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const folder = temporaryDirectory();
afterAll(() => folder.remove());

const allOrders = orders(...range(8).map((i) => Math.floor(i / 2)));
const allPrices = prices(...range(5).filter((time) => time !== 3));

/** The number of calls for a time. */
@Message()
class Count {
  @Field() time!: number;
  @Field() calls!: number;
}

class Counts extends table(Count, { key: field(Count, 'time') }) {}

/** Returns a sale per order and price, and an alarm for every fourth order with the number of orders of its time. */
const process = processFunction(tree, { inject: [Counts], emits: [Sale, Alarm] }, (order, found, counts) => {
  const { id, time } = order;
  const { calls } = counts.get(time) ?? { calls: 0 };
  counts.put(message(Count, { time, calls: calls + 1 }));
  return [
    ...found.of(order).map(({ amount }) => message(Sale, { id, amount })),
    ...(time % 4 === 0 ? [message(Alarm, { text: `${id} at ${time}, after ${calls}` })] : []),
  ];
});

/** Computed by nested loops, without a mill. */
const expected = {
  sales: allOrders.flatMap(({ id, time }) =>
    allPrices.filter((price) => price.time === time).map(({ amount }) => ({ id, amount })),
  ),
  alarms: allOrders
    .filter(({ time }) => time % 4 === 0 && allPrices.some((price) => price.time === time))
    .map(({ id, time }, _, alarms) => {
      const earlier = alarms.filter((other) => other.time === time);
      return { text: `${id} at ${time}, after ${earlier.findIndex((other) => other.id === id)}` };
    }),
};

interface World {
  /** The objects that a new process creates; those in memory outlive it here. */
  brokers(): readonly Broker[];
  sales(): unknown;
  alarms(): unknown;
}

const plain = (elements: readonly object[]) => elements.map((element) => ({ ...element }));
const inFile = (file: string) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);

let worlds = 0;
const files = () => {
  const world = ++worlds;
  const place = (name: string) => folder.file(`${world}-${name}`);
  writeFileSync(place('orders.ndjson'), allOrders.map((order) => `${JSON.stringify(order)}\n`).join(''));
  writeFileSync(place('prices.json'), JSON.stringify(allPrices, undefined, 1));
  return place;
};

function memoryAndFiles(): World {
  const place = files();
  const memory = new MemoryMessageBroker([[Order, allOrders], [Alarm]]);
  const entries = [
    [Price, place('prices.json')],
    [Sale, place('sales.json')],
  ] as const;
  return {
    brokers: () => [memory, new JsonFileMessageBroker(entries)],
    sales: () => inFile(place('sales.json')),
    alarms: () => plain(memory.written(Alarm)),
  };
}

function filesAndMemory(): World {
  const place = files();
  const memory = new MemoryMessageBroker([[Price, allPrices], [Alarm]]);
  const entries = [
    [Order, place('orders.ndjson')],
    [Sale, place('sales.json')],
  ] as const;
  return {
    brokers: () => [memory, new JsonFileMessageBroker(entries, { group: 'g' })],
    sales: () => inFile(place('sales.json')),
    alarms: () => plain(memory.written(Alarm)),
  };
}

/** All results are in the broker that keeps the progress. */
function filesBesideMemory(): World {
  const place = files();
  const memory = new MemoryMessageBroker([[Price, allPrices]]);
  const entries = [
    [Order, place('orders.ndjson')],
    [Sale, place('sales.json')],
    [Alarm, place('alarms.json')],
  ] as const;
  return {
    brokers: () => [memory, new JsonFileMessageBroker(entries, { group: 'g' })],
    sales: () => inFile(place('sales.json')),
    alarms: () => inFile(place('alarms.json')),
  };
}

function filesAndFilesWithGroups(): World {
  const place = files();
  const brokers = () => [
    new JsonFileMessageBroker(
      [
        [Order, place('orders.ndjson')],
        [Alarm, place('alarms.json')],
      ],
      { group: 'one' },
    ),
    new JsonFileMessageBroker(
      [
        [Price, place('prices.json')],
        [Sale, place('sales.json')],
      ],
      { group: 'two' },
    ),
  ];
  return { brokers, sales: () => inFile(place('sales.json')), alarms: () => inFile(place('alarms.json')) };
}

function customAndFilesAndMemory(): World {
  const place = files();
  const memory = new MemoryMessageBroker([[Alarm]]);
  const source = ({ after }: SourceRequest<number>) => allOrders.slice((after ?? -1) + 1);
  const brokers = () => [
    memory,
    new JsonFileMessageBroker([
      [Price, place('prices.json')],
      [Sale, place('sales.json')],
    ]),
    new CustomMessageBroker<any>({ sources: [[Order, source]], progress: place('progress') }),
  ];
  return { brokers, sales: () => inFile(place('sales.json')), alarms: () => plain(memory.written(Alarm)) };
}

const worldsToTry = {
  memoryAndFiles,
  filesAndMemory,
  filesBesideMemory,
  filesAndFilesWithGroups,
  customAndFilesAndMemory,
};

it.each(Object.entries(worldsToTry))(
  '%s: a crash at any call of any broker loses and doubles nothing',
  async (name, make) => {
    const run = (brokers: readonly Broker[]) =>
      new WaterMill({ process, broker: brokers, commitEvery: { elements: 3 } }).run();
    const undisturbed = make();
    let all = 0;
    let commits = 0;
    await run(
      undisturbed.brokers().map((broker) =>
        watched(broker, (call) => {
          if (call !== 'close') all++;
          if (call === 'commit') commits++;
        }),
      ),
    );
    expect({ sales: undisturbed.sales(), alarms: undisturbed.alarms() }).toEqual(expected);
    expect(commits).toBeGreaterThan(2);
    const step = stride(make === memoryAndFiles ? 2 : 4);
    // Each world begins at another call.
    for (let k = 1 + (Object.keys(worldsToTry).indexOf(name) % step); k <= all; k += step) {
      const world = make();
      let calls = 0;
      // A dead process holds no locks, so its closes are executed.
      const dying = world.brokers().map((broker) =>
        watched(broker, (call) => {
          if (call !== 'close' && ++calls >= k) throw new Error('crash');
        }),
      );
      await run(dying).catch(() => {});
      await run(world.brokers());
      expect({ k, sales: world.sales(), alarms: world.alarms() }).toEqual({ k, ...expected });
    }
  },
);
