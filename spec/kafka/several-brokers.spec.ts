import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  CustomMessageBroker,
  Field,
  field,
  JsonFileMessageBroker,
  Message,
  message,
  processFunction,
  type SinkBatch,
  table,
  WaterMill,
} from 'watermill';
import { Order as Bought, PricedOrder, Rate } from '../../examples/orders-and-rates/messages.js';
import { makeMill, rateFiles } from '../../examples/orders-and-rates/mill.js';
import { KafkajsClient } from '../../lib/brokers/kafka/kafkajs/client.js';
import { Alarm, Order, orders, Price, prices, range, Sale, sell, tree } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { stride } from '../support/cases.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/virtual-clock.js';
import { type CallThatWrites, dieWhen } from './support/deaths.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const folder = temporaryDirectory();
const [lanes, perLane] = [3, 120];
const allPrices = prices(...range(perLane).filter((time) => time % 7 !== 3));

/** Returns a sale per order and price, and an alarm for every tenth order. */
const both = processFunction(tree, { emits: [Sale, Alarm] }, (order, found) => [
  ...found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount })),
  ...(order.time % 10 === 0 ? [message(Alarm, { text: order.id })] : []),
]);

@Message()
class Count {
  @Field() id!: number;
  @Field() calls!: number;
}

class Counts extends table(Count, { key: field(Count, 'id') }) {}

const id = (lane: number, time: number): string => `${lane}/${time}`;
const pricedTimes = range(perLane).filter((time) => time % 7 !== 3);

/** Writes the orders of an interval to every partition; the topic ends when all are written. */
async function write(topic: string, partitions: number, from: number, to: number): Promise<void> {
  for (const lane of range(partitions)) {
    const times = range(to - from, from);
    await cluster.write(
      topic,
      times.map((time) => ({ time, id: id(lane, time) })),
      lane,
    );
  }
  if (to === perLane) await cluster.end(topic, partitions);
}

interface World {
  readonly group: string;
  readonly orders: string;
  readonly sales: string;
  readonly files: JsonFileMessageBroker;
  alarms(lane: number): string[];
}

/** A topic of orders in several partitions; a file of prices, and one of alarms for each lane. */
async function world(partitions = lanes, count = perLane): Promise<World> {
  const [orders, sales] = [await cluster.topic(partitions), await cluster.topic(partitions)];
  await write(orders, partitions, 0, count);
  const place = folder.file(uniqueName('world'));
  writeFileSync(`${place}-prices.ndjson`, allPrices.map((price) => `${JSON.stringify(price)}\n`).join(''));
  const file = (lane: number) => (partitions === 1 ? `${place}-alarms.ndjson` : `${place}-alarms.${lane}.ndjson`);
  return {
    ...{ group: uniqueName('group'), orders, sales },
    files: new JsonFileMessageBroker([
      [Price, `${place}-prices.ndjson`],
      [Alarm, `${place}-alarms.ndjson`],
    ]),
    alarms: (lane) =>
      existsSync(file(lane))
        ? readFileSync(file(lane), 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line).text)
        : [],
  };
}

const mill = (where: World, guarantee: Guarantee, process: object = both, elements = 40): WaterMill => {
  const topics = [
    [Order, where.orders],
    [Sale, where.sales],
  ] as const;
  const broker = [where.files, kafkaBroker(topics, { guarantee, group: where.group })];
  return new WaterMill({ process, broker, commitEvery: { elements } });
};

async function salesOf({ sales }: World, partitions = lanes): Promise<string[][]> {
  const records = await cluster.readEnded(sales, partitions);
  return range(partitions).map((lane) =>
    records
      .filter(({ partition, isEnd }) => partition === lane && !isEnd)
      .map(({ value }) => JSON.parse(value as string).id),
  );
}

const expectedSales = range(lanes).map((lane) => pricedTimes.map((time) => id(lane, time)));
const expectedAlarms = (lane: number) => pricedTimes.filter((time) => time % 10 === 0).map((time) => id(lane, time));

describeOnKafka('a topic next to files', () => {
  beforeAll(() => cluster.open());
  afterAll(async () => {
    folder.remove();
    await cluster.close();
  });
  afterEach(() => jest.restoreAllMocks());

  it.each(guarantees)('%s: each lane reads the whole file and writes to topic and files', async (guarantee) => {
    const where = await world();
    const report = await mill(where, guarantee).run();
    expect(report.nodes).toMatchObject([{ read: lanes * perLane }, { read: lanes * allPrices.length }]);
    expect(await salesOf(where)).toEqual(expectedSales);
    for (const lane of range(lanes)) expect(where.alarms(lane)).toEqual(expectedAlarms(lane));
    expect(await mill(where, guarantee).run()).toMatchObject({ ended: 'already ended', calls: 0 });
  });

  it.each(guarantees)('%s: also after lanes moved to another process', async (guarantee) => {
    const half = perLane / 2;
    const where = await world(lanes, half);
    const first = mill(where, guarantee, both, 5);
    const firstRun = first.run();
    await until(() => first.progress().calls === lanes * pricedTimes.filter((time) => time < half).length);
    const second = mill(where, guarantee, both, 5);
    const secondRun = second.run();
    await until(() => second.health().lanes.length > 0);
    await write(where.orders, lanes, half, perLane);
    const [{ calls }, { calls: callsOfSecond }] = await Promise.all([firstRun, secondRun]);
    expect(calls).toBeGreaterThan(0);
    expect(callsOfSecond).toBeGreaterThan(0);
    expect(await salesOf(where)).toEqual(expectedSales);
    for (const lane of range(lanes)) expect(where.alarms(lane)).toEqual(expectedAlarms(lane));
  });

  it('changes nothing elsewhere if a lane continued in another process while it waited for the output', async () => {
    const [topic, group, events] = [await cluster.topic(), uniqueName('group'), [] as string[]];
    await cluster.write(topic, orders(...range(20)));
    await cluster.end(topic);
    const real = KafkajsClient.prototype.committedFor;
    jest.spyOn(KafkajsClient.prototype, 'committedFor').mockImplementation(async function (
      this: KafkajsClient,
      ...given
    ) {
      const found = await real.apply(this, given);
      events.push('look');
      // The first look opens the lane; the second one finds what the other process has committed since.
      return events.length === 2 ? [...found, { topic, partition: 0, offset: 1, metadata: '' }] : found;
    });
    const write = (sales: readonly Sale[]) => void events.push(...sales.map((sale) => sale.id));
    const outputBroker = new CustomMessageBroker({ sinks: [[Sale, { write }]], progress: folder.file('sink') });
    const copy = processFunction(Order, { emits: [Sale] }, (order) => message(Sale, { id: order.id, amount: 1 }));
    await new WaterMill({ process: copy, broker: kafkaBroker([[Order, topic]], { group }), outputBroker }).run();
    expect(events).toEqual(['look', 'look', 'look', 'look', ...range(20).map((time) => `o${time}`)]);
  });

  // Calls skipped by one case are tried by another.
  it.each<[Guarantee, CallThatWrites, number]>([
    ['exactly-once', 'commit', 1],
    ['exactly-once', 'send', 2],
    ['at-least-once', 'commit', 2],
    ['at-least-once', 'send', 1],
  ])('%s: a death at each %s in turn', async (guarantee, at, first) => {
    const step = stride(2);
    for (let k = Math.min(first, step); ; k += step) {
      const where = await world(1);
      let calls = 0;
      dieWhen((call) => call === at && ++calls === k);
      const outcome = await mill(where, guarantee)
        .run()
        .then(
          () => 'done',
          () => 'died',
        );
      jest.restoreAllMocks();
      await mill(where, guarantee).run();
      const [sold] = await salesOf(where, 1);
      if (guarantee === 'exactly-once') expect({ k, sold }).toEqual({ k, sold: expectedSales[0] });
      else expect({ k, sold: [...new Set(sold)] }).toEqual({ k, sold: expectedSales[0] });
      expect({ k, alarms: where.alarms(0) }).toEqual({ k, alarms: expectedAlarms(0) });
      if (outcome === 'done') break;
    }
  });

  it.each(guarantees.flatMap((guarantee) => (['commit', 'sink'] as const).map((at) => [guarantee, at] as const)))(
    '%s: a batch sink has the results of the calls that are committed, which differ in each run: a death at each %s in turn',
    async (guarantee, at) => {
      const count = 30;
      for (let k = 1; ; k += stride(2)) {
        const where = await world(1, count);
        await cluster.end(where.orders);
        const batches = new Map<string, string[]>();
        let calls = 0;
        const run = async (number: number) => {
          const process = processFunction(Order, { inject: [Counts], emits: [Sale, Alarm] }, (order, counts) => {
            const before = counts.get(0)?.calls ?? 0;
            counts.put(message(Count, { id: 0, calls: before + 1 }));
            const text = `${order.time} in ${number}, after ${before}`;
            const sales = range((order.time + number) % 3).map((amount) => message(Sale, { id: text, amount }));
            return [...sales, message(Alarm, { text })];
          });
          const write = (sales: readonly Sale[], { id: batch }: SinkBatch) => {
            batches.set(batch, batches.get(batch) ?? sales.map((sale) => `${sale.id}: ${sale.amount}`));
            if (at === 'sink' && number === 0 && ++calls === k) throw new Error('the process is gone');
          };
          const sink = new CustomMessageBroker({ sinks: [[Sale, { write }]], progress: folder.file(where.group) });
          const topic = kafkaBroker([[Order, where.orders]], { guarantee, group: where.group, createTopics: true });
          await new WaterMill({ process, broker: [topic, where.files, sink], commitEvery: { elements: 4 } }).run();
        };
        if (at === 'commit') dieWhen((call) => call === 'commit' && ++calls === k);
        const outcome = await run(0).then(
          () => 'done',
          () => 'died',
        );
        jest.restoreAllMocks();
        await run(1);
        const alarms = where.alarms(0);
        expect(alarms).toEqual(range(count).map((time) => expect.stringMatching(`^${time} in [01], after ${time}$`)));
        const expected = alarms.flatMap((text) => {
          const [time, number] = text.match(/\d+/g)!.map(Number);
          return range((time! + number!) % 3).map((amount) => `${text}: ${amount}`);
        });
        expect({ k, sales: [...batches.values()].flat() }).toEqual({ k, sales: expected });
        if (outcome === 'done') break;
      }
    },
  );

  it('computes the prices of the orders of the example', async () => {
    const [bought, priced] = [await cluster.topic(2), await cluster.topic(2)];
    const samples = `${__dirname}/../../examples/orders-and-rates/samples`;
    const lines = readFileSync(`${samples}/orders.ndjson`, 'utf8').split('\n').filter(Boolean);
    for (const [i, line] of lines.entries()) await cluster.write(bought, [line], i % 2);
    await cluster.end(bought, 2);
    const broker = kafkaBroker(
      [
        [Bought, bought],
        [PricedOrder, priced],
      ],
      { guarantee: 'exactly-once' },
    );
    await makeMill(broker, rateFiles(samples, folder.file('example'))).run();
    const expected = readFileSync(`${samples}/../expected/priced-orders.ndjson`, 'utf8').split('\n').filter(Boolean);
    const written = (await cluster.values(priced, 2)).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(written).toEqual(expected.map((line) => JSON.parse(line)));
    expect(Rate.name).toBe('Rate');
  });

  const run = (topics: Parameters<typeof kafkaBroker>[0], guarantee: Guarantee, group = uniqueName('group')) => {
    const place = folder.file(uniqueName('leads'));
    writeFileSync(
      place,
      orders(...range(50))
        .map((order) => `${JSON.stringify(order)}\n`)
        .join(''),
    );
    const out = `${place}.sales.ndjson`;
    const files = new JsonFileMessageBroker([
      [Order, place],
      [Sale, out],
    ]);
    const broker = [files, kafkaBroker(topics, { guarantee, group })];
    return { out, run: new WaterMill({ process: sell, broker }).run() };
  };

  it('that does not lead is read whole if it has one partition', async () => {
    const topic = await cluster.topic();
    await cluster.write(topic, allPrices.slice(0, 20));
    await cluster.end(topic);
    const { out, run: running } = run([[Price, topic]], 'at-least-once');
    await running;
    const sold = readFileSync(out, 'utf8').split('\n').filter(Boolean);
    expect(sold).toHaveLength(20);
  });

  it('that does not lead is read from its end on, whether the leader keeps progress or not', async () => {
    for (const progress of [undefined, folder.file('progress')]) {
      const topic = await cluster.topic();
      await cluster.write(topic, prices(1));
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const source = async function* () {
        await begun;
        yield* orders(1, 2, 3);
      };
      const leader = new CustomMessageBroker({
        sources: [[Order, source]],
        ...(progress !== undefined && { progress }),
      });
      const found: number[] = [];
      const process = processFunction(tree, {}, (order, joined) => {
        found.push(...joined.of(order).map(({ time }) => time));
      });
      const broker = [leader, kafkaBroker([[Price, topic]], { startFrom: 'latest' })];
      const mill = new WaterMill({ process, broker });
      const ended = mill.run();
      await until(() => mill.progress().waiting.length > 0);
      await cluster.write(topic, prices(2, 3));
      await cluster.end(topic);
      begin();
      await ended;
      expect(found).toEqual([2, 3]);
    }
  });

  it('that does not lead is refused if it has several partitions', async () => {
    const topic = await cluster.topic(2);
    expect(await rejection(run([[Price, topic]], 'at-least-once').run)).toMatchObject({
      code: 'WM_BROKER_CANNOT_FOLLOW',
      message: expect.stringContaining('it has 2 lanes there, and JsonFileMessageBroker leads'),
    });
  });
});
