import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { JsonFileMessageBroker, MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { dieWhen } from './support/deaths.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress, quick, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const [lanes, perLane] = [3, 500];
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

async function filledTopic(): Promise<string> {
  const orders = await cluster.topic(lanes);
  for (const lane of range(lanes)) {
    await cluster.write(
      orders,
      range(perLane).map((time) => ({ time, id: `lane ${lane}` })),
      lane,
    );
  }
  await cluster.end(orders, lanes);
  return orders;
}

describeOnKafka('several lanes of Kafka whose results go elsewhere', () => {
  beforeAll(() => cluster.open());
  afterAll(async () => {
    folder.remove();
    await cluster.close();
  });
  afterEach(() => jest.restoreAllMocks());

  const folder = temporaryDirectory();

  it.each(['speed.json', 'speed.ndjson.gz', 'v1.2/speed'])('write a file per lane: %s', async (name) => {
    const orders = await filledTopic();
    const where = folder.file(uniqueName('out'));
    const outputBroker = new JsonFileMessageBroker([[Sale, path.join(where, name)]], { format: 'array' });
    const report = await new WaterMill({ process: copy, broker: kafkaBroker([[Order, orders]]), outputBroker }).run();
    expect(report).toMatchObject({ calls: lanes * perLane });
    const expected = {
      'speed.json': 'speed.LANE.json',
      'speed.ndjson.gz': 'speed.LANE.ndjson.gz',
      'v1.2/speed': 'speed.LANE',
    };
    const names = range(lanes).map((lane) => expected[name as 'speed.json'].replace('LANE', String(lane)));
    expect(readdirSync(path.join(where, path.dirname(name))).sort()).toEqual(names);
  });

  it('are neither lost nor doubled in their files by a death between file and commit', async () => {
    const orders = await filledTopic();
    const where = folder.file(uniqueName('out'));
    const group = uniqueName('group');
    const run = (): Promise<unknown> => {
      const outputBroker = new JsonFileMessageBroker([[Sale, path.join(where, 'sales.json')]], { group: 'sales' });
      const broker = kafkaBroker([[Order, orders]], { group });
      return new WaterMill({ process: copy, broker, outputBroker, commitEvery: { elements: 100 } }).run();
    };
    let commits = 0;
    dieWhen((call) => call === 'commit' && ++commits === 7);
    expect(await rejection(run())).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    jest.restoreAllMocks();
    await run();
    for (const lane of range(lanes)) {
      const written = JSON.parse(readFileSync(path.join(where, `sales.${lane}.json`), 'utf8'));
      expect(written).toEqual(range(perLane).map((amount) => ({ id: `lane ${lane}`, amount })));
    }
  });

  it('are returned by memory lane by lane', async () => {
    const outputBroker = new MemoryMessageBroker([]);
    const orders = await filledTopic();
    await new WaterMill({ process: copy, broker: kafkaBroker([[Order, orders]]), outputBroker }).run();
    expect(outputBroker.written(Sale).map(({ amount }) => amount)).toEqual(range(lanes).flatMap(() => range(perLane)));
    expect(outputBroker.ended(Sale)).toBe(true);
  });

  it('are written to topics with one partition per lane', async () => {
    const [orders, few, enough] = [await filledTopic(), await cluster.topic(2), await cluster.topic(lanes)];
    const write = (sales: string, options = {}) => {
      const topics = [[Sale, sales, options]] as const;
      const outputBroker = new KafkaMessageBroker({ ...quick, brokers: [kafkaAddress as string], topics });
      return new WaterMill({ process: copy, broker: kafkaBroker([[Order, orders]]), outputBroker }).run();
    };
    expect(await rejection(write(few))).toMatchObject({ code: 'WM_PARTITION_COUNTS', details: { found: '2' } });
    const byKey = { key: (sale: Sale) => sale.id, partitionBy: 'key' };
    expect(await rejection(write(enough, byKey))).toMatchObject({ code: 'WM_GUARANTEE' });
    await write(enough);
    const records = await cluster.readEnded(enough, lanes);
    for (const lane of range(lanes)) {
      const own = records.filter(({ partition }) => partition === lane);
      expect(own.map(({ isEnd }) => isEnd).indexOf(true)).toBe(perLane);
      expect(own).toHaveLength(perLane + 1);
    }
  });
});
