import { field, joinStreams, joinWith, MemoryMessageBroker, message, processFunction, WaterMill } from 'watermill';
import { sampleText } from '../../examples/robot-speed/make-samples.js';
import { NextLocation, RobotLocation, RobotSpeed } from '../../examples/robot-speed/messages.js';
import { files as robotFiles, makeMill as robotMill } from '../../examples/robot-speed/mill.js';
import { Next, Order, Price, range, Sale, sell } from '../mill/support/model.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { Random } from '../support/random.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const pairs = joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(2), right: field(Next, 'time') }));
const pairUp = processFunction(pairs, { emits: [Sale] }, (here, next) =>
  next.of(here).map(({ id }) => message(Sale, { id: `${here.id} ${id}`, amount: here.time })),
);

/** Increasing times with gaps and repetitions. */
function times(random: Random, count: number): number[] {
  let time = 0;
  return range(count).map(() => {
    time += random.int(3);
    return time;
  });
}

const orderValues = (all: readonly number[]) => all.map((time, i) => ({ time, id: `o${i}` }));
const priceValues = (all: readonly number[]) => all.map((time) => ({ time, amount: time * 10 }));

describeOnKafka('a mill over Kafka', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  describe.each(guarantees)('%s', (guarantee) => {
    it.each([
      [1, 11],
      [4, 12],
    ])(
      'gives in each of %i partitions what a mill over memory gives, then one end mark (seed %i)',
      async (partitions, seed) => {
        const random = new Random(seed);
        const [orders, prices, sales] = [
          await cluster.topic(partitions),
          await cluster.topic(partitions),
          await cluster.topic(partitions),
        ];
        const expected: object[][] = [];
        for (let partition = 0; partition < partitions; partition++) {
          const [left, right] = [orderValues(times(random, 1_500)), priceValues(times(random, 1_000))];
          await cluster.write(orders, left, partition);
          await cluster.write(prices, right, partition);
          const memory = new MemoryMessageBroker([
            [Order, left],
            [Price, right],
          ]);
          await new WaterMill({ process: sell, broker: memory }).run();
          expected.push(memory.written(Sale));
        }
        await cluster.end(orders, partitions);
        await cluster.end(prices, partitions);
        const topics = [
          [Order, orders],
          [Price, prices],
          [Sale, sales],
        ] as const;
        const group = uniqueName('group');
        const logger = new RecordingLogger();
        const broker = kafkaBroker(topics, { guarantee, group });
        const report = await new WaterMill({ process: sell, broker, logger }).run();
        const again = await new WaterMill({ process: sell, broker: kafkaBroker(topics, { guarantee, group }) }).run();

        const records = await cluster.readEnded(sales, partitions);
        for (let partition = 0; partition < partitions; partition++) {
          const own = records.filter((record) => record.partition === partition);
          expect(own.slice(0, -1).map(({ value }) => JSON.parse(value as string))).toEqual(expected[partition]);
          expect(own.map(({ isEnd }) => isEnd).indexOf(true)).toBe(own.length - 1);
        }
        expect(report.calls).toBeGreaterThan(0);
        expect(again).toMatchObject({ ended: 'already ended', calls: 0 });
        expect(logger.lines.filter(({ text }) => text.includes('Connection error'))).toEqual([]);
      },
    );

    it('continues after a stop with exactly the rest, in a self-join over one topic', async () => {
      const [orders, sales] = [await cluster.topic(), await cluster.topic()];
      await cluster.write(orders, orderValues(range(5_000)));
      await cluster.end(orders);
      const topics = [
        [Order, orders],
        [Next, orders],
        [Sale, sales],
      ] as const;
      const group = uniqueName('group');
      const stopping: WaterMill = new WaterMill({
        process: processFunction(pairs, { emits: [Sale] }, (here, next) => {
          if (here.time === 1_234) void stopping.stop();
          return next.of(here).map(({ id }) => message(Sale, { id: `${here.id} ${id}`, amount: here.time }));
        }),
        broker: kafkaBroker(topics, { guarantee, group }),
      });
      expect((await stopping.run()).ended).toBe('stopped');
      const report = await new WaterMill({ process: pairUp, broker: kafkaBroker(topics, { guarantee, group }) }).run();
      expect(report.calls).toBe(4_998 - 1_235);
      expect((await cluster.values(sales)).map(({ amount }) => amount)).toEqual(range(4_998));
    });
  });

  it('computes the same robot speeds for the example as over files', async () => {
    const [locations, speeds] = [await cluster.topic(), await cluster.topic()];
    const samples = JSON.parse(sampleText()) as any[];
    await cluster.write(locations, samples);
    await cluster.end(locations);
    const memory = new MemoryMessageBroker([
      [RobotLocation, samples],
      [NextLocation, samples],
    ]);
    await robotMill(memory).run();
    await robotMill(
      kafkaBroker([
        [RobotLocation, locations],
        [NextLocation, locations],
        [RobotSpeed, speeds],
      ]),
    ).run();
    expect(robotFiles().streamOf(RobotSpeed)).toBeDefined();
    const expected = memory
      .written(RobotSpeed)
      .map(({ timeFrom, timeTo, speed, unit }) => ({ time_from: timeFrom, time_to: timeTo, speed, unit }));
    expect(await cluster.values(speeds)).toEqual(expected);
  });

  it.each(guarantees)('splits the lanes between two members, while one joins and one leaves: %s', async (guarantee) => {
    const partitions = 4;
    const [orders, sales] = [await cluster.topic(partitions), await cluster.topic(partitions)];
    const perPartition = 4_000;
    for (const partition of range(partitions)) await cluster.write(orders, orderValues(range(perPartition)), partition);
    const topics = [
      [Order, orders],
      [Sale, sales],
    ] as const;
    const group = uniqueName('group');
    const seen = new Set<string>();
    const slow = (name: string) =>
      processFunction(Order, { emits: [Sale] }, async ({ time, id }) => {
        seen.add(name);
        // The first mill must not be done before the second one has started.
        if (!seen.has('second')) await new Promise((resolve) => setTimeout(resolve, 5));
        return message(Sale, { id, amount: time });
      });
    const mill = (name: string) =>
      new WaterMill({
        process: slow(name),
        broker: kafkaBroker(topics, { guarantee, group }),
        commitEvery: { elements: 500 },
      });
    const [first, second] = [mill('first'), mill('second')];
    const firstRun = first.run();
    while (!seen.has('first')) await new Promise((resolve) => setTimeout(resolve, 10));
    const secondRun = second.run();
    while (!seen.has('second')) await new Promise((resolve) => setTimeout(resolve, 10));
    await first.stop();
    expect((await firstRun).ended).toBe('stopped');
    await cluster.end(orders, partitions);
    await secondRun;
    const records = await cluster.readEnded(sales, partitions);
    for (const partition of range(partitions)) {
      const own = records.filter((record) => record.partition === partition && !record.isEnd);
      expect(own.map(({ value }) => JSON.parse(value as string).amount)).toEqual(range(perPartition));
    }
  });

  it.each(guarantees)('releases a lane only after it has stopped and committed: %s', async (guarantee) => {
    const [orders, sales] = [await cluster.topic(2), await cluster.topic(2)];
    for (const partition of [0, 1]) {
      await cluster.write(
        orders,
        range(10).map((time) => ({ time, id: `lane ${partition}` })),
        partition,
      );
    }
    const [group, calls] = [uniqueName('group'), [] as string[]];
    let goOn = (): void => {};
    const stuck = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const mill = (name: string, logger = new RecordingLogger()) => {
      const process = processFunction(Order, { emits: [Sale] }, async ({ time, id }) => {
        calls.push(`${name} ${id}: ${time}`);
        if (calls.at(-1) === 'first lane 1: 3') await stuck;
        return message(Sale, { id, amount: time });
      });
      const topics = [
        [Order, orders],
        [Sale, sales],
      ] as const;
      return new WaterMill({ process, broker: kafkaBroker(topics, { guarantee, group }), logger });
    };
    const called = async (call: string): Promise<void> => {
      while (!calls.includes(call)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const [firstLog, secondLog] = [new RecordingLogger(), new RecordingLogger()];
    const runs = [mill('first', firstLog).run()];
    await called('first lane 1: 3');
    await called('first lane 0: 9');
    runs.push(mill('second', secondLog).run());
    // Both know it: until the first one does, it continues with the lane.
    const toldSecond = (): boolean =>
      secondLog.lines.some(({ text }) => text.includes('assigned this process the lanes'));
    const toldFirst = (): boolean =>
      firstLog.lines.some(({ text }) => text.endsWith('assigned this process the lanes 0'));
    while (!toldFirst() || !toldSecond()) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls.filter((call) => call.startsWith('second'))).toEqual([]);
    goOn();
    await called('second lane 1: 9');
    expect(calls.filter((call) => call.startsWith('second'))[0]).toBe('second lane 1: 4');
    await cluster.end(orders, 2);
    await Promise.all(runs);
    const amounts = (await cluster.values(sales, 2)).map(({ id, amount }) => `${id}: ${amount}`);
    expect(amounts).toEqual([0, 1].flatMap((lane) => range(10).map((time) => `lane ${lane}: ${time}`)));
  });
});
