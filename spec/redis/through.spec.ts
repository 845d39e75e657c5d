import { WaterMill } from 'watermill';
import { flow, runStages, stagesOf } from 'watermill/flow';
import { RedisMessageBroker, redisGroup, redisStream } from 'watermill/redis';
import { byText, Count, checkRunning, pages, running, View, Visit, views } from '../flow/through-model.js';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';

const server = new TestServer();
const url = redisUrl as string;

/** Views of each page in a separate stream, with one lane each. */
async function world() {
  const [view, visits, counts] = [uniqueName('views'), uniqueName('visits'), uniqueName('counts')];
  const lanes = range(pages).map((page) => `${view}:${page}`);
  for (const [page, key] of lanes.entries()) {
    await server.add(
      key,
      views.filter((each) => each.page === page),
    );
    await server.end(key);
  }
  return { lanes, visits, counts, group: uniqueName('group') };
}

describeOnRedis('a flow through a stream of Redis', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());

  it.each(['at-least-once', 'exactly-once'] as const)(
    '%s: counts what several lanes write to it, in two processes',
    async (guarantee) => {
      const { lanes, visits, counts, group } = await world();
      const run = () =>
        runStages(running, ({ name, process }) => {
          const entries = [
            [View, redisStream(lanes)],
            [Visit, redisStream(visits)],
            [Count, redisStream(counts)],
          ] as const;
          const broker = new RedisMessageBroker({ url, group: `${group}-${name}`, guarantee, entries });
          return new WaterMill({ process, broker, commitEvery: { elements: 50 } });
        });
      await Promise.all([run(), guarantee === 'exactly-once' ? run() : undefined]);
      const written = (await server.values(visits)) as Visit[];
      expect(byText(written)).toEqual(byText(views.filter(({ at }) => at % 10 !== 0)));
      for (const page of range(pages)) {
        const times = written.filter((visit) => visit.page === page).map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      expect([await server.ends(visits), await server.ends(counts)]).toEqual([1, 1]);
      checkRunning(await server.values(counts));
    },
  );

  it('is refused as a whole over a consumer group, and so are values by key; its stages are not', async () => {
    const { visits, counts, group } = await world();
    const views = uniqueName('shared');
    await server.end(views);
    const entries = [
      [View, redisGroup(views, { consumer: 'one' })],
      [Visit, redisStream(visits)],
      [Count, redisStream(counts)],
    ] as const;
    const millOf = (process: object) =>
      new WaterMill({ process, broker: new RedisMessageBroker({ url, group: `${group}`, entries }) });
    const counted = (options?: { local: true }) =>
      flow(View)
        .keyBy(({ user }) => user, options as never)
        .statefulMap('counts', Count, {
          initial: (user) => ({ user: String(user), from: 0, views: 0, sum: 0 }),
          next: (count) => [count, count],
        })
        .to(Count);
    for (const [process, words] of [
      [running, 'the flow over View goes through Visit'],
      [counted(), 'the flow over View keeps something for each key'],
    ] as const) {
      const error = await rejection(millOf(process).run());
      expect(error.code).toBe('WM_FLOW');
      expect(error.message).toMatch(`${words}, and ${views} is shared with the other consumers of its group: `);
    }
    await millOf(counted({ local: true })).run();
    const first = new RedisMessageBroker({ url, group: `${group}-stage`, entries });
    await new WaterMill({ process: stagesOf(running)[0]!.process, broker: first }).run();
  });

  it('is refused if the class has one stream per lane', async () => {
    const { lanes, visits, group } = await world();
    const entries = [
      [View, redisStream(lanes)],
      [Visit, redisStream(range(pages).map((lane) => `${visits}:${lane}`))],
    ] as const;
    const broker = new RedisMessageBroker({ url, group, entries });
    const error = await rejection(new WaterMill({ process: stagesOf(running)[0]!.process, broker }).run());
    expect(error).toMatchObject({ code: 'WM_BROKER_OPTIONS', details: { message: 'Visit', found: String(pages) } });
    expect(error.message).toMatch('Give Visit a single one, which all lanes write to.');
  });
});
