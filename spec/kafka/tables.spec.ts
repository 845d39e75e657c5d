import { processFunction, WaterMill } from 'watermill';
import { LaneRestoring } from '../../lib/mill/driver/tables/lane-restoring.js';
import { rejection } from '../mill/support/rejection.js';
import { stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { until } from '../support/virtual-clock.js';
import { plain } from '../tables/model.js';
import { forms, Histories, oracle, randomSteps, Seen, Step } from '../tables/table-oracle.js';
import { type CallThatWrites, dieWhen } from './support/deaths.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

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
): WaterMill {
  const topics = [
    [Step, steps],
    [Seen, seen],
  ] as const;
  const broker = kafkaBroker(topics, { guarantee, group, createTopics: true });
  return new WaterMill({ process, broker, commitEvery: { elements } });
}

/** What the calls of a lane saw: what comes again must be what came before. */
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

  // Where one of them leaves out a place, the next does not.
  it.each<[Guarantee, CallThatWrites, number]>([
    ['exactly-once', 'commit', 1],
    ['exactly-once', 'send', 2],
    ['at-least-once', 'commit', 3],
    ['at-least-once', 'send', 1],
  ])('%s: are what the positions stand for after a death at each %s in turn', async (guarantee, at, first) => {
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
      // Records that are no changes count, too.
      expect(leaves.mock.calls[0]![0]).toBeGreaterThan(expected.left.length);
      jest.restoreAllMocks();
      expect({ k, seen: await seenBy(where, 1) }).toEqual({ k, seen: [expected.seen] });
      expect({ k, left: plain(again.table(Histories).range()) }).toEqual({ k, left: expected.left });
      if (outcome !== 'died') break;
    }
  });

  it.each(guarantees)('%s: go with their lanes from process to process', async (guarantee) => {
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

  it('begin anew where the plan has changed, with nothing of before', async () => {
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

  it('need a compacted topic with a partition for each lane, and say how to make it', async () => {
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
    expect(missing.message).toContain(`The cluster has no topic ${topic}, which is to keep a table.`);
    expect(missing.message).toContain(`--create --topic ${topic} --partitions 2 --config cleanup.policy=compact`);
    await cluster.makeAnew(topic, 2);
    expect((await rejection(run(where.group))).message).toContain(
      `The topic ${topic} cannot keep a table: expected cleanup.policy=compact, found delete.`,
    );
    const other = uniqueName('group');
    await cluster.makeAnew(`${other}-Histories-changelog`, 1);
    expect((await rejection(run(other))).message).toContain('expected 2 partitions, as its mill has lanes, found 1');
    await cluster.alter(topic, { 'cleanup.policy': 'compact' });
    await run(where.group);
  });
});
