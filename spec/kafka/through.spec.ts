import { type ProcessFunction, WaterMill } from 'watermill';
import { type FlowStage, runStages, stagesOf } from 'watermill/flow';
import { KafkaMessageBroker } from 'watermill/kafka';
import { partitionOfKey } from '../../lib/brokers/kafka/results/key-partition.js';
import {
  byText,
  Count,
  checkRunning,
  countsByHand,
  pages,
  perPage,
  running,
  View,
  Visit,
  views,
  windows,
} from '../flow/through-model.js';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { isDeep } from '../support/cases.js';
import { dieWhen } from './support/deaths.js';
import { type Guarantee, guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const partitions = 4;

class World {
  private constructor(
    readonly topics: { readonly View: string; readonly Visit: string; readonly Count: string },
    readonly group: string,
    readonly guarantee: Guarantee,
  ) {}

  static async make(guarantee: Guarantee): Promise<World> {
    const kept = { 'retention.ms': '-1' };
    const view = await cluster.topic(pages);
    for (const page of range(pages))
      await cluster.write(
        view,
        views.filter((each) => each.page === page),
        page,
      );
    await cluster.end(view, pages);
    const topics = {
      View: view,
      Visit: await cluster.topic(partitions, kept),
      Count: await cluster.topic(partitions, kept),
    };
    return new World(topics, uniqueName('group'), guarantee);
  }

  /** Each stage has a separate group; each call is another process of it. */
  run(process: ProcessFunction<any>) {
    const { topics, group, guarantee } = this;
    const entries = [
      [View, topics.View],
      [Visit, topics.Visit],
      [Count, topics.Count],
    ] as const;
    return runStages(process, (stage) => {
      const broker = kafkaBroker(entries, { guarantee, group: `${group}-${stage.name}`, createTopics: true });
      return new WaterMill({ process: stage.process, broker, commitEvery: { elements: 40, ms: 100 } });
    });
  }

  /** Checks the stream in between: every view of each page once, in order, in the partition of its user. */
  async checkVisits(): Promise<void> {
    const records = await cluster.readEnded(this.topics.Visit, partitions);
    for (const partition of range(partitions)) {
      const own = records.filter((record) => record.partition === partition);
      expect(own.map(({ isEnd }) => isEnd).indexOf(true)).toBe(own.length - 1);
      const visits = own.slice(0, -1).map(({ value }) => JSON.parse(value as string) as Visit);
      expect(own.slice(0, -1).map(({ key }) => key)).toEqual(visits.map(({ user }) => user));
      for (const page of range(pages)) {
        const expected = views.filter(
          (each) => each.page === page && each.at % 10 !== 0 && partitionOfKey(each.user, partitions) === partition,
        );
        const found = visits.filter((visit) => visit.page === page);
        expect(byText(found)).toEqual(byText(expected));
        expect(found.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
      }
    }
  }

  counts(): Promise<Count[]> {
    return cluster.values(this.topics.Count, partitions);
  }
}

describeOnKafka('a flow through a topic', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  afterEach(() => jest.restoreAllMocks());

  it.each(guarantees)(
    '%s: counts by a key that its input is not partitioned by, in two processes',
    async (guarantee) => {
      const world = await World.make(guarantee);
      const [first, second] = await Promise.all([world.run(running), world.run(running)]);
      const calls = [first, second].map((reports) => reports.map((report) => report.calls));
      expect([calls[0]![0]! + calls[1]![0]!, calls[0]![1]! + calls[1]![1]!]).toEqual([
        pages * perPage,
        pages * perPage * 0.9,
      ]);
      await world.checkVisits();
      checkRunning(await world.counts());
      expect((await world.run(running)).map((report) => report.calls)).toEqual([0, 0]);
    },
  );

  it('creates the topic in between with the partitions of its input, whichever stage starts first', async () => {
    const { topics } = await World.make('at-least-once');
    const [visits, counts, group] = [uniqueName('visits'), uniqueName('counts'), uniqueName('group')];
    const entries = [
      [View, topics.View],
      [Visit, visits],
      [Count, counts],
    ] as const;
    const waits: string[] = [];
    let mayCreate = (): void => {};
    const isWaiting = new Promise<void>((resolve) => {
      mayCreate = resolve;
    });
    const info = (_: object, text: string): void => {
      if (!text.startsWith('Waiting for the topic')) return;
      waits.push(text);
      mayCreate();
    };
    const logger = { debug() {}, info, warn() {}, error() {} };
    const makeStage = ({ name, process }: FlowStage) => {
      const broker = kafkaBroker(entries, { group: `${group}-${name}`, createTopics: true });
      return new WaterMill({ process, broker, logger });
    };
    const [first, second] = stagesOf(running) as [FlowStage, FlowStage];
    const stopped = makeStage(second);
    const over = stopped.run();
    await isWaiting;
    await stopped.stop();
    expect((await over).ended).toBe('stopped');
    expect(await cluster.exists(visits)).toBe(false);
    const [, report] = await Promise.all([makeStage(first).run(), makeStage(second).run()]);
    expect(report.calls).toBe(pages * perPage * 0.9);
    expect(waits[0]).toBe(`Waiting for the topic ${visits}: the stage before this one in the flow creates it`);
    expect([await cluster.partitions(visits), await cluster.partitions(counts)]).toEqual([pages, pages]);
    checkRunning(await cluster.values(counts, pages));
  });

  it('closes windows by interleaved times, at the pace of the slowest', async () => {
    const world = await World.make('exactly-once');
    await Promise.all([world.run(windows), world.run(windows)]);
    expect(byText(await world.counts())).toEqual(byText(countsByHand(50)));
  });

  it.each(isDeep() ? range(24).map((k) => k + 1) : [4, 15])(
    'exactly once: gives the same after a death of both stages at commit %i',
    async (k) => {
      const world = await World.make('exactly-once');
      let commits = 0;
      dieWhen((call) => call === 'commit' && ++commits === k);
      expect(await rejection(world.run(running))).toMatchObject({ code: 'WM_KAFKA_FAILED' });
      jest.restoreAllMocks();
      await Promise.all([world.run(running), world.run(running)]);
      // The client of the tests would also return aborted records of the stream in between: the counts show its
      // contents.
      checkRunning(await world.counts());
    },
  );

  it('is refused as one mill if there are several partitions, and with a key of the entry', async () => {
    const { topics } = await World.make('at-least-once');
    const entries = [
      [View, topics.View],
      [Visit, topics.Visit],
      [Count, await cluster.topic(pages)],
    ] as const;
    const error = await rejection(
      new WaterMill({ process: running, broker: kafkaBroker(entries, { createTopics: true }) }).run(),
    );
    expect(error).toMatchObject({ code: 'WM_FLOW', details: { found: String(pages) } });
    const broker = new KafkaMessageBroker({
      brokers: ['127.0.0.1:1'],
      group: 'none',
      topics: [entries[0], [Visit, topics.Visit, { key: ({ user }) => user, partitionBy: 'key' }], entries[2]],
    });
    const keyedTwice = await rejection(new WaterMill({ process: running, broker }).run());
    expect(keyedTwice).toMatchObject({ code: 'WM_BROKER_OPTIONS', details: { message: 'Visit' } });
    expect(keyedTwice.message).toMatch('Leave key and partitionBy out of the entry.');
  });
});
