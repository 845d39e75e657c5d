import { cpSync, readdirSync, rmSync } from 'node:fs';
import { type MillOptions, message, processFunction, table, WaterMill } from 'watermill';
import { KafkajsClient } from '../../lib/brokers/kafka/kafkajs/client.js';
import { KafkajsProducer } from '../../lib/brokers/kafka/kafkajs/producer.js';
import { TableTopics, tableTopic } from '../../lib/brokers/kafka/tables/table-topics.js';
import { LaneRestoring } from '../../lib/mill/driver/tables/lane-restoring.js';
import { OpenDatabase } from '../../lib/stores/open-database.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until, VirtualClock } from '../support/virtual-clock.js';
import { plain } from '../tables/model.js';
import {
  forms,
  formsOnDisk,
  Histories,
  HistoriesOnDisk,
  History,
  oracle,
  randomSteps,
  Seen,
  Step,
} from '../tables/table-oracle.js';
import { type CallThatWrites, dieWhen } from './support/deaths.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

/** Added to the system's time. */
let mockLaterMs = 0;
jest.mock('../../lib/base/date.js', () => {
  const real = jest.requireActual('../../lib/base/date.js');
  return { ...real, realNow: () => real.realNow() + mockLaterMs };
});

const cluster = new TestCluster();
const form = forms['a function'];

interface World {
  readonly group: string;
  readonly steps: string;
  readonly seen: string;
}

async function world(lanes: readonly (readonly Step[])[], isEnded = true): Promise<World> {
  const [steps, seen] = [await cluster.topic(lanes.length), await cluster.topic(lanes.length)];
  for (const [lane, list] of lanes.entries()) await cluster.write(steps, list, lane);
  if (isEnded) await cluster.end(steps, lanes.length);
  return { group: uniqueName('group'), steps, seen };
}

function mill(
  { group, steps, seen }: World,
  guarantee: Guarantee,
  elements: number,
  process: object = form,
  more: Partial<MillOptions> = {},
): WaterMill {
  const topics = [
    [Step, steps],
    [Seen, seen],
  ] as const;
  const broker = kafkaBroker(topics, { guarantee, group, createTopics: true });
  return new WaterMill({ process, broker, commitEvery: { elements }, ...more });
}

/** Returns the rows that the calls of a lane saw; repeated calls must have seen the same. */
async function seenBy({ seen }: World, lanes: number): Promise<object[][]> {
  const records = (await cluster.readEnded(seen, lanes)).filter(({ isEnd }) => !isEnd);
  return Array.from({ length: lanes }, (_, lane) => {
    const texts = records.filter(({ partition }) => partition === lane).map(({ value }) => value as string);
    const found = [...new Set(texts)].map((text) => JSON.parse(text) as Seen);
    return found.sort((a, b) => a.at - b.at);
  });
}

describeOnKafka('tables on Kafka', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  // Calls skipped by one case are tried by the next.
  it.each<[Guarantee, CallThatWrites, number]>([
    ['exactly-once', 'commit', 1],
    ['exactly-once', 'send', 2],
    ['at-least-once', 'commit', 3],
    ['at-least-once', 'send', 1],
  ])('%s: match the positions after a death at each %s in turn', async (guarantee, at, first) => {
    const steps = randomSteps(new Random(5), 16, 4);
    const expected = oracle(steps);
    const step = stride(3);
    for (let k = Math.min(first, step); ; k += step) {
      const where = await world([steps]);
      let calls = 0;
      dieWhen((call) => call === at && ++calls === k);
      const outcome = await mill(where, guarantee, 5)
        .run()
        .catch(() => 'died');
      jest.restoreAllMocks();
      await mill(where, guarantee, 7).run();
      const again = mill(where, guarantee, 7);
      const leaves = jest.spyOn(LaneRestoring.prototype, 'leaves');
      await again.run();
      // Records that are not changes count, too.
      expect(leaves.mock.calls[0]![0]).toBeGreaterThan(expected.left.length);
      jest.restoreAllMocks();
      expect({ k, seen: await seenBy(where, 1) }).toEqual({ k, seen: [expected.seen] });
      expect({ k, left: plain(again.table(Histories).range()) }).toEqual({ k, left: expected.left });
      if (outcome !== 'died') break;
    }
  });

  it.each(guarantees)('%s: are complete if a commit is larger than their topic accepts', async (guarantee) => {
    const steps = randomSteps(new Random(6), 60, 10);
    const expected = oracle(steps);
    const where = await world([steps]);
    const config = { 'cleanup.policy': 'compact', 'max.message.bytes': '180' };
    await cluster.create(tableTopic(where.group, 'Histories'), 1, config);
    const { limitsOf } = KafkajsClient.prototype;
    jest.spyOn(KafkajsClient.prototype, 'limitsOf').mockImplementation(async function (this: KafkajsClient, topic) {
      return { ...(await limitsOf.call(this, topic)), maxBytes: undefined };
    });
    const sends = jest.spyOn(KafkajsProducer.prototype, 'send');
    await mill(where, guarantee, 1_000).run();
    const outcomes = await Promise.allSettled(sends.mock.results.map(({ value }) => value));
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(1);
    const again = mill(where, guarantee, 7);
    await again.run();
    expect(await seenBy(where, 1)).toEqual([expected.seen]);
    expect(plain(again.table(Histories).range())).toEqual(expected.left);
  });

  it.each(guarantees)('%s: on disk, they are the same, and a start reads only later changes', async (guarantee) => {
    const steps = randomSteps(new Random(5), 16, 4);
    const expected = oracle(steps);
    const process = formsOnDisk['a function'];
    for (let k = 1; ; k += stride(3)) {
      const directory = temporaryDirectory();
      const logger = new RecordingLogger();
      const options = { storeFolder: directory.path, logger };
      const where = await world([steps]);
      let calls = 0;
      dieWhen((call) => call === 'commit' && ++calls === k);
      const outcome = await mill(where, guarantee, 5, process, options)
        .run()
        .catch(() => 'died');
      jest.restoreAllMocks();
      await mill(where, guarantee, 7, process, options).run();
      const again = mill(where, guarantee, 7, process, options);
      await again.run();
      expect({ k, seen: await seenBy(where, 1) }).toEqual({ k, seen: [expected.seen] });
      expect({ k, left: plain(again.table(HistoriesOnDisk).range()) }).toEqual({ k, left: expected.left });
      const read = logger.lines.flatMap(({ text, fields }) => (/has restored/.test(text) ? [fields] : []));
      expect(read.at(-1)).toMatchObject({ changes: 0, keys: expected.left.length });
      for (const name of readdirSync(directory.path)) await OpenDatabase.closeAt(directory.file(name));
      directory.remove();
      if (outcome !== 'died') break;
    }
  });

  it('on disk, continue from the store, but not if deletions may be compacted away', async () => {
    const directory = temporaryDirectory();
    const steps = randomSteps(new Random(6), 40, 4);
    const where = await world([steps.slice(0, 20)], false);
    const process = formsOnDisk['a function'];
    const storeFolder = directory.file('stores');
    const part = async (calls: number, more: object): Promise<unknown> => {
      const logger = new RecordingLogger();
      const each = mill(where, 'exactly-once', 4, process, { storeFolder, logger, clock: new VirtualClock(), ...more });
      const run = each.run();
      const restored = () => logger.lines.find(({ text }) => text.includes('has restored'));
      await until(() => each.progress().calls >= calls && (calls === 20 || restored() !== undefined));
      await each.stop();
      await run;
      for (const name of readdirSync(storeFolder)) await OpenDatabase.closeAt(`${storeFolder}/${name}`);
      return (restored()?.fields as { changes?: number } | undefined)?.changes;
    };
    expect(await part(20, {})).toBeUndefined();
    cpSync(storeFolder, directory.file('old'), { recursive: true });
    await cluster.write(where.steps, steps.slice(20, 30), 0);
    expect(await part(10, {})).toBe(0);
    const whole = (await part(0, { storeFolder: directory.file('another') })) as number;
    const restore = (): void => {
      rmSync(storeFolder, { recursive: true });
      cpSync(directory.file('old'), storeFolder, { recursive: true });
    };
    restore();
    const rest = (await part(0, {})) as number;
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(whole);
    restore();
    mockLaterMs = 86_400_000 / 2 + 1;
    expect(await part(0, {})).toBe(whole);
    mockLaterMs = 0;
    await cluster.write(where.steps, steps.slice(30), 0);
    await cluster.end(where.steps, 1);
    const last = mill(where, 'exactly-once', 4, process, { storeFolder });
    await last.run();
    expect(plain(last.table(HistoriesOnDisk).range())).toEqual(oracle(steps).left);
    directory.remove();
  });

  it.each(guarantees)('%s: move with their lanes from process to process', async (guarantee) => {
    const lanes = [1, 2, 3, 4].map((seed) => randomSteps(new Random(seed), 60, 5));
    const where = await world(
      lanes.map((list) => list.slice(0, 30)),
      false,
    );
    const first = mill(where, guarantee, 5);
    const firstRun = first.run();
    await until(() => first.progress().calls === 4 * 30);
    const second = mill(where, guarantee, 5);
    const secondRun = second.run();
    await until(() => second.health().lanes.length > 0);
    for (const [lane, list] of lanes.entries()) await cluster.write(where.steps, list.slice(30), lane);
    await cluster.end(where.steps, lanes.length);
    await Promise.all([firstRun, secondRun]);
    expect(second.progress().calls).toBeGreaterThan(0);
    expect(await seenBy(where, lanes.length)).toEqual(lanes.map((list) => oracle(list).seen));
  });

  it('refuse an element that cannot be written, in the call that puts it', async () => {
    const steps = randomSteps(new Random(2), 4);
    const where = await world([steps]);
    const putting = processFunction(Step, { inject: [Histories], emits: [Seen] }, ({ at, key }, table) => {
      table.put({ key, text: at === 2 ? (at as unknown as string) : 'text' });
    });
    const error = await rejection(mill(where, 'exactly-once', 100, putting).run());
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { table: 'Histories' } });
    expect(error.message).toContain('An element of History cannot be written: field text must be a string');
  });

  it.each<[string, (key: string) => string, string]>([
    ['another key', (key) => `${key}!`, 'an element is kept under the key "a", and its key (function) is now "a!"'],
    [
      'an error',
      () => {
        throw new TypeError('no key');
      },
      'no key',
    ],
  ])('are refused at once if the function of their key now returns %s', async (_, changed, found) => {
    let keyOf = (key: string): string => key;
    class Keyed extends table(History, { key: ({ key }) => keyOf(key), name: 'Keyed' }) {}
    const process = processFunction(Step, { inject: [Keyed], emits: [Seen] }, ({ key }, rows) => {
      rows.put({ key, text: 'text' });
    });
    const where = await world([[message(Step, { at: 1, work: 'put', key: 'a', to: 'b' })]]);
    await mill(where, 'exactly-once', 5, process).run();
    keyOf = changed;
    const begun = Date.now();
    const error = await rejection(mill(where, 'exactly-once', 5, process).run());
    expect(error.message).toContain(found);
    if (found !== 'no key') expect(error.code).toBe('WM_TABLE_DAMAGED');
    // An error of a user's function is not taken for one of the connection.
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('are refused if something else has written to their topic, until it is deleted there', async () => {
    const steps = randomSteps(new Random(3), 20);
    const where = await world([steps]);
    await mill(where, 'at-least-once', 5).run();
    const topic = tableTopic(where.group, 'Histories');
    const producer = cluster.kafka.producer();
    await producer.connect();
    const [sent] = await producer.send({ topic, messages: [{ partition: 0, key: 'user 7', value: '{}' }] });
    const error = await rejection(mill(where, 'exactly-once', 5).run());
    expect(error).toMatchObject({ code: 'WM_TABLE_DAMAGED', details: { position: Number(sent?.baseOffset) } });
    expect(error.message).toContain(
      `The table Histories cannot be restored: the record at offset ${sent?.baseOffset} of ${topic}, partition 0, has the key "user 7", which is not a key of a table.`,
    );
    await producer.disconnect();
  });

  it('are not shown by a process whose lane has failed and went to another one', async () => {
    let fails = true;
    const process = processFunction(Step, { inject: [Histories], emits: [Seen] }, ({ at, key }, rows) => {
      if (fails && key === 'b' && at === 1) throw new Error('not now');
      rows.put({ key, text: 'text' });
    });
    const step = (at: number, key: string) => message(Step, { at, work: 'put', key, to: '' });
    const where = await world([[step(0, 'a')], [step(0, 'b'), step(1, 'b')]], false);
    const more = { onLaneFailure: 'goOn' } as const;
    const failing = mill(where, 'exactly-once', 1, process, more);
    const failed = rejection(failing.run());
    await until(() => !failing.health().healthy && failing.table(Histories).size === 2);
    fails = false;
    const other = mill(where, 'exactly-once', 1, process, more);
    const ended = other.run();
    await until(() => other.table(Histories).get('b') !== undefined);
    expect(plain(failing.table(Histories).range())).toEqual([{ key: 'a', text: 'text' }]);
    await other.stop();
    await ended;
    await until(() => failing.table(Histories).size === 2);
    expect(plain(failing.table(Histories).range())).toEqual([
      { key: 'a', text: 'text' },
      { key: 'b', text: 'text' },
    ]);
    await failing.stop();
    expect(await failed).toMatchObject({ code: 'WM_PROCESS_FAILED' });
  });

  it('start empty after a plan change', async () => {
    const steps = randomSteps(new Random(9), 30, 8);
    const where = await world([steps]);
    await mill(where, 'at-least-once', 5).run();
    const only = processFunction(Step, { inject: [Histories], emits: [Seen] }, ({ key }, table) => {
      if (key === 'a') table.put({ key, text: 'new' });
    });
    const topics = [
      [Step, where.steps],
      [Seen, where.seen],
    ] as const;
    const inputs = [[Step, { order: 'skip' }]] as const;
    const run = async (onPlanChange: 'fail' | 'restart') => {
      const broker = kafkaBroker(topics, { group: where.group });
      const changed = new WaterMill({ process: only, broker, inputs, onPlanChange });
      await changed.run();
      return plain(changed.table(Histories).range());
    };
    const expected = steps.some(({ key }) => key === 'a') ? [{ key: 'a', text: 'new' }] : [];
    expect(await run('restart')).toEqual(expected);
    // As another process would read it.
    expect(await run('fail')).toEqual(expected);
  });

  it('need a compacted topic with one partition per lane, and say how to create it', async () => {
    const where = await world([[], []]);
    const broker = (group: string) =>
      kafkaBroker(
        [
          [Step, where.steps],
          [Seen, where.seen],
        ],
        { group },
      );
    const run = (group: string) => new WaterMill({ process: form, broker: broker(group) }).run();
    const topic = `${where.group}-Histories-changelog`;
    const missing = await rejection(run(where.group));
    expect(missing.code).toBe('WM_TOPIC_MISSING');
    expect(missing.message).toContain(`The cluster has no topic ${topic}, in which a table is stored.`);
    expect(missing.message).toContain(`--create --topic ${topic} --partitions 2 --config cleanup.policy=compact`);
    await cluster.makeAnew(topic, 2);
    expect((await rejection(run(where.group))).message).toContain(
      `The topic ${topic} cannot keep a table: expected cleanup.policy=compact, found delete.`,
    );
    const other = uniqueName('group');
    await cluster.makeAnew(`${other}-Histories-changelog`, 1);
    expect((await rejection(run(other))).message).toContain('expected 2 partitions, as its mill has lanes, found 1');
    await cluster.alter(topic, { 'cleanup.policy': 'compact', 'delete.retention.ms': '0' });
    expect((await rejection(run(where.group))).message).toContain(
      `The topic ${topic} cannot keep a table: expected a delete.retention.ms above 0, found 0.`,
    );
    await cluster.alter(topic, { 'cleanup.policy': 'compact', 'delete.retention.ms': '1000' });
    await run(where.group);
  });

  it('are refused if reading their topic takes longer than it keeps deletions', async () => {
    const where = await world([randomSteps(new Random(3), 10)]);
    await mill(where, 'at-least-once', 5).run();
    const topic = tableTopic(where.group, 'Histories');
    await cluster.alter(topic, { 'cleanup.policy': 'compact', 'delete.retention.ms': '1' });
    const { readAll } = KafkajsClient.prototype;
    const read = jest.spyOn(KafkajsClient.prototype, 'readAll').mockImplementation(async function (
      this: KafkajsClient,
      ...args
    ) {
      const begun = performance.now();
      while (performance.now() < begun + 3);
      return readAll.apply(this, args);
    });
    const error = await rejection(mill(where, 'at-least-once', 5).run());
    expect(read).toHaveBeenCalled();
    expect(error.code).toBe('WM_TABLE_DAMAGED');
    expect(error.message).toMatch(/ took \d+ ms, and the topic keeps deletions for 1 ms only: some may be missing\./);
  });

  it('on disk, are refused if changes after the store are deleted when they are about to be read', async () => {
    const directory = temporaryDirectory();
    const [store, old] = [directory.file('stores'), directory.file('old')];
    const steps = randomSteps(new Random(6), 40, 4);
    const where = await world([steps.slice(0, 20)], false);
    const topic = tableTopic(where.group, 'Histories');
    const until20 = mill(where, 'exactly-once', 4, formsOnDisk['a function'], { storeFolder: store });
    const run = until20.run();
    await until(() => until20.progress().calls === 20);
    await until20.stop();
    await run;
    for (const name of readdirSync(store)) await OpenDatabase.closeAt(`${store}/${name}`);
    cpSync(store, old, { recursive: true });
    await cluster.write(where.steps, steps.slice(20), 0);
    await cluster.end(where.steps, 1);
    await mill(where, 'exactly-once', 4, formsOnDisk['a function'], { storeFolder: store }).run();
    const { canReadAfter } = TableTopics.prototype;
    const asked = jest.spyOn(TableTopics.prototype, 'canReadAfter').mockImplementation(async function (
      this: TableTopics,
      ...args
    ) {
      const can = await canReadAfter.apply(this, args);
      await cluster.alter(topic, { 'cleanup.policy': 'compact,delete' });
      await cluster.deleteBefore(topic, (await cluster.read(topic)).at(-1)?.offset as number);
      return can;
    });
    const again = mill(where, 'exactly-once', 4, formsOnDisk['a function'], { storeFolder: old });
    expect((await rejection(again.run())).message).toMatch(/partition 0, does not have the offset \d+\./);
    expect(await asked.mock.results[0]?.value).toBe(true);
    directory.remove();
  });

  it('are refused if the topic of their changes is another one, or has lost some', async () => {
    const steps = randomSteps(new Random(3), 40);
    const where = await world([steps]);
    await mill(where, 'at-least-once', 5).run();
    const topic = `${where.group}-Histories-changelog`;
    const keys = oracle(steps).left.length;
    const problem = async (found: number): Promise<void> => {
      const error = await rejection(mill(where, 'exactly-once', 5).run());
      expect(error.code).toBe('WM_TABLE_DAMAGED');
      expect(error.message).toContain(
        `The table Histories cannot be restored: the last commit counts ${keys} keys, and the stored changes have ${found}.`,
      );
    };
    const records = await cluster.read(topic);
    const last = records.filter(({ value }) => value !== null).at(-1)?.offset as number;
    const after = new Map(records.filter(({ offset }) => offset >= last).map(({ key, value }) => [key, value]));
    await cluster.alter(topic, { 'cleanup.policy': 'compact,delete' });
    await cluster.deleteBefore(topic, last);
    await cluster.alter(topic, { 'cleanup.policy': 'compact' });
    await problem([...after.values()].filter((value) => value !== null).length);
    await cluster.delete(topic);
    await problem(0);
  });
});
