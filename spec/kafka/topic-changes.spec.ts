import { field, joinStreams, joinWith, type Logger, message, processFunction, WaterMill } from 'watermill';
import { flow } from 'watermill/flow';
import type { KafkaOptions } from 'watermill/kafka';
import { Next, Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { guarantees, kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const orders = (times: readonly number[]) => times.map((time) => ({ time, id: `o${time}` }));
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
const pairs = processFunction(
  joinStreams(Order, joinWith(Next, { left: field(Order, 'time'), right: field(Next, 'time') })),
  { emits: [Sale] },
  ({ id, time }) => message(Sale, { id, amount: time }),
);

describeOnKafka('a topic that changes while a mill works with it', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  const errors: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, text) => void errors.push(text) };
  beforeEach(() => errors.splice(0));

  async function topics(partitions = 1): Promise<[string, string]> {
    return [await cluster.topic(partitions), await cluster.topic(partitions)];
  }

  function mill([from, to]: readonly string[], options: Partial<KafkaOptions> = {}): WaterMill<any> {
    const entries = [
      [Order, from as string],
      [Sale, to as string],
    ] as const;
    const broker = kafkaBroker(entries, { topicCheckIntervalMs: 200, retry: { maxRetryTime: 500 }, ...options } as any);
    return new WaterMill({ process: copy, broker, logger });
  }

  async function untilItWaits(running: WaterMill<any>, calls: number): Promise<void> {
    const isWaiting = () => running.progress()?.waiting.length === 1 && running.progress()?.calls === calls;
    while (!isWaiting()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const amounts = async (topic: string) =>
    (await cluster.read(topic)).map(({ value }) => JSON.parse(value as string).amount);

  it.each(guarantees)('is deleted: the run fails, and says so: %s', async (guarantee) => {
    const [from, to] = await topics();
    await cluster.write(from, orders([0, 1, 2]));
    const running = mill([from, to], { guarantee });
    const failed = rejection(running.run());
    await untilItWaits(running, 3);
    expect(running.health().ready).toBe(true);
    await cluster.delete(from);
    const error = (await failed) as Error;
    expect(error).toMatchObject({ code: 'WM_TOPIC_MISSING', details: { stream: from } });
    expect(error.message).toContain(`The topic ${from} was deleted while the mill was using it.`);
    expect(errors[0]).toContain(`The topic ${from} was deleted while the mill was using it.`);
    expect(running.health().ready).toBe(false);
  });

  it.each([
    ['exactly-once', 5_000],
    ['at-least-once', 5_000],
    // However rarely topics are checked: later records are not read.
    ['at-least-once', 3_600_000],
  ] as const)(
    'was recreated with more records, none of which is read: %s, %i',
    async (guarantee, topicCheckIntervalMs) => {
      const [from, to] = await topics();
      await cluster.write(from, orders([0, 1, 2]));
      const running = mill([from, to], { guarantee, topicCheckIntervalMs });
      const failed = rejection(running.run());
      await untilItWaits(running, 3);
      await cluster.delete(from);
      await cluster.makeAnew(from);
      await cluster.write(from, orders(range(6, 100)));
      const error = (await failed) as Error;
      expect(error).toMatchObject({ code: 'WM_POSITION_LOST', details: { stream: from } });
      expect(error.message).toContain(`The topic ${from} was deleted and recreated`);
      const written = await amounts(to);
      expect(written).toEqual([0, 1, 2].slice(0, written.length));
    },
  );

  it('gets more partitions: the run fails after the records that were read are committed', async () => {
    const [from, to] = await topics();
    const group = uniqueName('group');
    await cluster.write(from, orders([0, 1, 2]));
    const running = mill([from, to], { group });
    const failed = rejection(running.run());
    await untilItWaits(running, 3);
    await cluster.addPartitions(from, 2);
    const error = (await failed) as Error;
    expect(error).toMatchObject({ code: 'WM_PARTITION_COUNTS', details: { stream: from, found: '2' } });
    expect(error.message).toMatch(/gained partitions while the mill was using it: it had 1, and has 2\./);
    expect(await amounts(to)).toEqual([0, 1, 2]);
    const offsets = await cluster.committed(group, from);
    expect(offsets.find(({ partition }) => partition === 0)?.offset).toBe('3');
  });

  it('is a result topic: the run fails, too', async () => {
    const [from, to] = await topics();
    const running = mill([from, to]);
    const failed = rejection(running.run());
    await untilItWaits(running, 0);
    await cluster.delete(to);
    expect(await failed).toMatchObject({ code: 'WM_TOPIC_MISSING', details: { stream: to } });
    expect(await cluster.exists(to)).toBe(false);
  });

  it.each(guarantees)('keeps the changes of a table: the run fails, too: %s', async (guarantee) => {
    const [from, to] = await topics();
    const group = uniqueName('group');
    await cluster.write(from, orders([0, 1]));
    const counting = flow(Order)
      .keyBy(({ id }) => id, { local: true })
      .statefulMap('counts', Sale, {
        initial: (id) => ({ id, amount: 0 }),
        next: (sale) => [{ ...sale, amount: sale.amount + 1 }, message(Sale, { ...sale, amount: sale.amount + 1 })],
      })
      .to(Sale);
    const entries = [
      [Order, from],
      [Sale, to],
    ] as const;
    const broker = kafkaBroker(entries, { group, guarantee, createTopics: true, topicCheckIntervalMs: 200 });
    const running = new WaterMill({ process: counting, broker, logger, commitEvery: { ms: 50 } });
    const failed = rejection(running.run());
    await untilItWaits(running, 2);
    const changes = `${group}-counts-changelog`;
    await cluster.delete(changes);
    await cluster.makeAnew(changes, 1, { 'cleanup.policy': 'compact' });
    const error = await failed;
    expect(['WM_TOPIC_MISSING', 'WM_POSITION_LOST']).toContain(error.code);
    expect(error.details).toMatchObject({ stream: changes });
  });

  it.each(guarantees)('is deleted: stop() takes no longer than the detection: %s', async (guarantee) => {
    const [from, to] = await topics();
    await cluster.write(from, orders([0, 1, 2]));
    const running = mill([from, to], { guarantee, topicCheckIntervalMs: 1_000 });
    const ended = running.run().catch((error) => error);
    await untilItWaits(running, 3);
    await cluster.delete(from);
    const began = performance.now();
    await running.stop().catch(() => {});
    await ended;
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  async function stoppedMill(group: string, entries: any): Promise<WaterMill<any>> {
    const mill: WaterMill<any> = new WaterMill({ process: pairs, broker: kafkaBroker(entries, { group }) });
    const ended = mill.run();
    while (mill.progress()?.calls !== 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await mill.stop();
    await ended;
    return mill;
  }

  it.each([
    ['a joined one', 1, 'WM_POSITION_LOST'],
    ['that of the master', 0, 'WM_GROUP_POSITIONS'],
  ] as const)('was recreated between two runs: it is not taken for the former one: %s', async (_, which, code) => {
    const names = [await cluster.topic(), await cluster.topic(), await cluster.topic()];
    const entries = [
      [Order, names[0]],
      [Next, names[1]],
      [Sale, names[2]],
    ] as any;
    const group = uniqueName('group');
    for (const name of names.slice(0, 2)) await cluster.write(name, orders([0, 1, 2]));
    await stoppedMill(group, entries);
    const changed = names[which] as string;
    await cluster.delete(changed);
    await cluster.makeAnew(changed);
    await cluster.write(changed, orders(range(6, 100)));
    const error = await rejection(new WaterMill({ process: pairs, broker: kafkaBroker(entries, { group }) }).run());
    expect(error).toMatchObject({ code, details: { stream: changed } });
    expect((error as Error).message).toContain('recreated');
  });
});
