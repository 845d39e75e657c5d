import { readdirSync } from 'node:fs';
import { Field, field, Message, message, processFunction, table, tuple, WaterMill } from 'watermill';
import { RedisMessageBroker, redisGroup, redisList, redisStream } from 'watermill/redis';
import { LaneRecord } from '../../lib/brokers/redis/commit/lane-record.js';
import { RedisTables } from '../../lib/brokers/redis/commit/redis-tables.js';
import { LaneRestoring } from '../../lib/mill/driver/tables/lane-restoring.js';
import { OpenDatabase } from '../../lib/stores/open-database.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { endServed, serve } from '../service/serve.js';
import { stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { plain } from '../tables/model.js';
import {
  forms,
  formsOnDisk,
  Histories,
  HistoriesOnDisk,
  oracle,
  randomSteps,
  Seen,
  Step,
} from '../tables/table-oracle.js';
import { describeOnRedis, redisUrl, uniqueName } from './support/on-redis.js';
import { TestServer } from './support/test-server.js';
import { until } from './support/waits.js';

const server = new TestServer();
const url = redisUrl as string;
const guarantees = ['at-least-once', 'exactly-once'] as const;
const kinds = ['stream', 'group', 'list'] as const;
type Guarantee = (typeof guarantees)[number];
type Kind = (typeof kinds)[number];

interface World {
  readonly kind: Kind;
  readonly group: string;
  readonly steps: string;
  readonly seen: string;
}

async function world(kind: Kind, steps: readonly Step[], isEnded = true): Promise<World> {
  const names = { kind, group: uniqueName('group'), steps: uniqueName('steps'), seen: uniqueName('seen') };
  const texts = steps.map((step) => JSON.stringify(step));
  const end = isEnded ? ['{"watermill":"end-of-stream"}'] : [];
  if (kind === 'list') {
    if (texts.length + end.length > 0) await server.send('RPUSH', names.steps, ...texts, ...end);
    return names;
  }
  await server.add(names.steps, steps);
  if (isEnded) await server.end(names.steps);
  return names;
}

interface Settings {
  readonly guarantee?: Guarantee;
  readonly elements?: number;
  readonly process?: object;
  readonly onPlanChange?: 'fail' | 'restart';
  readonly storeFolder?: string;
  readonly logger?: RecordingLogger;
}

function mill({ kind, group, steps, seen }: World, settings: Settings = {}): WaterMill {
  const { guarantee = 'at-least-once', elements = 5, process = forms['a function'], ...more } = settings;
  const places = {
    stream: () => redisStream(steps),
    group: () => redisGroup(steps, { consumer: 'one', maxDeliveries: 1_000, count: 7 }),
    list: () => redisList(steps),
  };
  const entries = [
    [Step, places[kind]()],
    [Seen, redisStream(seen)],
  ] as const;
  const broker = new RedisMessageBroker({ url, group, guarantee, entries });
  return new WaterMill({ process, broker, commitEvery: { elements }, ...more });
}

/** Returns the rows that calls saw; repeated calls must have seen the same. */
async function seenIn(key: string): Promise<Seen[]> {
  const texts = (await server.values(key)).map((value) => JSON.stringify(value));
  return [...new Set(texts)].map((text) => JSON.parse(text)).sort((a, b) => a.at - b.at);
}

/** Returns the hash of the table, as any reader finds it. */
async function hashOf({ kind, group }: World, lane = 0): Promise<object[]> {
  const owner = kind === 'group' ? `${group}:consumer:one` : group;
  const words: string[] = await server.send('HGETALL', `watermill:${owner}:table:Histories:${lane}`);
  const found = words.flatMap((word, i) => (i % 2 === 0 ? [[word, JSON.parse(words[i + 1] as string)]] : []));
  for (const [key, { key: own }] of found) expect(JSON.parse(key)).toBe(own);
  return found.map(([, value]) => value).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Lets the process die before or after the k-th transaction: no later one takes place. */
function dieAt(k: number, when: 'before' | 'after'): void {
  const real = (LaneRecord.prototype as any).transact;
  let calls = 0;
  jest.spyOn(LaneRecord.prototype as any, 'transact').mockImplementation(async function (
    this: unknown,
    ...given: unknown[]
  ) {
    calls++;
    if (calls < k || (calls === k && when === 'after')) await real.apply(this, given);
    if (calls >= k) throw new Error('the process is gone');
  });
}

describeOnRedis('tables on Redis', () => {
  beforeAll(() => server.open());
  afterAll(() => server.close());
  afterEach(() => jest.restoreAllMocks());
  afterEach(endServed);

  const cases = kinds.flatMap((kind) => guarantees.map((guarantee) => [kind, guarantee] as const));

  it.each(cases)(
    '%s, %s: are what the positions stand for after a death at each transaction',
    async (kind, guarantee) => {
      const steps = randomSteps(new Random(5), 30, 4);
      const expected = oracle(steps);
      for (const when of ['before', 'after'] as const) {
        for (let k = 1; ; k += stride(2)) {
          const where = await world(kind, steps);
          dieAt(k, when);
          const outcome = await mill(where, { guarantee })
            .run()
            .then(
              () => 'ended',
              (error) => {
                if (!String(error.message).includes('the process is gone')) throw error;
                return 'died';
              },
            );
          jest.restoreAllMocks();
          const leaves = jest.spyOn(LaneRestoring.prototype, 'leaves');
          const next = mill(where, { guarantee, elements: 7 });
          await next.run();
          const left = plain(next.table(Histories).range());
          const found = { seen: await seenIn(where.seen), left, hash: await hashOf(where) };
          const { seen } = expected;
          expect({ when, k, ...found }).toEqual({ when, k, seen, left: expected.left, hash: expected.left });
          if (guarantee === 'exactly-once') expect(await server.values(where.seen)).toHaveLength(seen.length);
          if (outcome === 'ended') expect(leaves.mock.calls[0]).toEqual([expected.left.length]);
          jest.restoreAllMocks();
          if (outcome === 'ended') break;
          expect(k).toBeLessThan(100);
        }
      }
    },
  );

  it('on disk, are the same after a death at each transaction, and a start after none reads nothing', async () => {
    const steps = randomSteps(new Random(5), 30, 4);
    const expected = oracle(steps);
    const process = formsOnDisk['a function'];
    for (let k = 1, tried = 0; ; k += stride(4), tried++) {
      const directory = temporaryDirectory();
      const logger = new RecordingLogger();
      const options = { process, storeFolder: directory.path, logger };
      const where = await world('stream', steps);
      dieAt(k, tried % 2 === 0 ? 'after' : 'before');
      const outcome = await mill(where, options)
        .run()
        .catch(() => 'died');
      jest.restoreAllMocks();
      const next = mill(where, { ...options, elements: 7 });
      await next.run();
      const left = plain(next.table(HistoriesOnDisk).range());
      const found = { seen: await seenIn(where.seen), left, hash: await hashOf(where) };
      expect({ k, ...found }).toEqual({ k, seen: expected.seen, left: expected.left, hash: expected.left });
      const again = mill(where, options);
      await again.run();
      expect(plain(again.table(HistoriesOnDisk).range())).toEqual(expected.left);
      const last = logger.lines.findLast(({ text }) => /has restored/.test(text));
      expect(last?.fields).toMatchObject({ changes: 0, keys: expected.left.length });
      for (const name of readdirSync(directory.path)) await OpenDatabase.closeAt(directory.file(name));
      directory.remove();
      if (outcome !== 'died') break;
    }
  });

  it.each(guarantees)(
    '%s: a former owner changes nothing, and the new one begins where it had committed',
    async (guarantee) => {
      const steps = randomSteps(new Random(3), 40, 4);
      const where = await world('stream', steps);
      const { promise: gate, open } = gateOf();
      let waits = false;
      const options = { inject: [Histories], emits: [Seen] } as const;
      // Puts a unique row, and loses the lane before it can commit it.
      const late = processFunction(Step, options, async ({ key, at }, histories) => {
        if (at === 0) return undefined;
        histories.put({ key, text: 'of the former owner' });
        waits = true;
        await gate;
        return undefined;
      });
      const former = mill(where, { guarantee, elements: 1, process: late });
      const formerRun = former.run();
      await until(() => waits);
      const next = mill(where, { guarantee });
      await next.run();
      open();
      await formerRun;
      const expected = oracle(steps.slice(1));
      expect(await hashOf(where)).toEqual(expected.left);
      expect(await seenIn(where.seen)).toEqual(expected.seen);
    },
  );

  it('are discarded if another process takes the lane while they are read', async () => {
    const where = await world('stream', randomSteps(new Random(3), 20, 4), false);
    const first = mill(where, { elements: 1 });
    const firstRun = first.run();
    await until(async () => (await hashOf(where)).length > 0);
    first.stop();
    await firstRun;
    const left = await hashOf(where);
    const real = RedisTables.prototype.restored;
    let outcome: string | undefined;
    jest.spyOn(RedisTables.prototype, 'restored').mockImplementation(async function (this: RedisTables) {
      await server.send('SET', `watermill:${where.group}:owner:0`, 'another process');
      const failure = await real.apply(this).catch((error) => error);
      outcome = failure?.code ?? 'restored';
      if (failure !== undefined) throw failure;
    });
    const second = mill(where, { elements: 1 });
    const run = second.run();
    await until(() => outcome !== undefined);
    second.stop();
    await run.catch(() => {});
    expect(outcome).toBe('WM_LANE_TAKEN');
    expect(second.progress().calls).toBe(0);
    expect(await hashOf(where)).toEqual(left);
  });

  it('belong to their lane alone', async () => {
    const lanes = [1, 2, 3].map((seed) => randomSteps(new Random(seed), 40, 5));
    const where = await world('stream', [], false);
    const keys = lanes.map((_, lane) => `${where.steps}:${lane}`);
    for (const [lane, steps] of lanes.entries()) {
      await server.add(keys[lane] as string, steps);
      await server.end(keys[lane] as string);
    }
    const entries = [
      [Step, redisStream(keys)],
      [Seen, redisStream(keys.map((key) => `${key}:seen`))],
    ] as const;
    const broker = new RedisMessageBroker({ url, group: where.group, entries });
    await new WaterMill({ process: forms['a function'], broker, commitEvery: { elements: 5 } }).run();
    for (const [lane, steps] of lanes.entries()) {
      expect(await seenIn(`${keys[lane]}:seen`)).toEqual(oracle(steps).seen);
      expect(await hashOf(where, lane)).toEqual(oracle(steps).left);
    }
  });

  it('are followed by their current rows if their lane returns, not by changes from before', async () => {
    const where = await world('stream', [], false);
    const keys = [0, 1].map((lane) => `${where.steps}:${lane}`);
    const process = processFunction(Step, { inject: [Histories] }, ({ key, at }, rows) => {
      rows.put({ key, text: `${at}` });
    });
    const made = (): WaterMill => {
      const entries = [[Step, redisStream(keys)]] as const;
      const broker = new RedisMessageBroker({ url, group: where.group, entries });
      return new WaterMill({ process, broker, commitEvery: { elements: 1 } });
    };
    const put = (lane: number, at: number) =>
      server.add(keys[lane] as string, [message(Step, { at, work: 'put', key: `key${lane}`, to: '' })]);
    const texts = (table: Iterable<{ text: string }>) =>
      [...table]
        .map(({ text }) => text)
        .sort()
        .join(' ');
    const stays = made();
    const staysRun = stays.run();
    const changes = stays.table(Histories).changes({ from: 'beginning' })[Symbol.asyncIterator]();
    for (const lane of [0, 1]) for (const at of [1, 2]) await put(lane, at);
    await until(() => texts(stays.table(Histories).range()) === '2 2');
    const comes = made();
    const comesRun = comes.run();
    await until(() => stays.table(Histories).size === 1 && comes.table(Histories).size === 1);
    const moved = [...comes.table(Histories).range()][0]?.key === 'key0' ? 0 : 1;
    await put(moved, 3);
    await until(() => texts(comes.table(Histories).range()) === '3');
    await comes.stop();
    await comesRun;
    await until(() => texts(stays.table(Histories).range()) === '2 3');
    await stays.stop();
    await staysRun;
    const shown: string[] = [];
    for (let next = await changes.next(); !next.done; next = await changes.next()) {
      const { key, value } = next.value;
      if (key === `key${moved}`) shown.push(value?.text ?? '');
    }
    expect(shown.join(' ')).toBe('1 2 3');
  });

  it.each([0, 1])('over HTTP, have the type of keys that lane %i has found', async (lane) => {
    const where = await world('stream', [], false);
    const keys = [0, 1].map((each) => `${where.steps}:${each}`);
    const byNumber = table(Step, { key: ({ at }: Step) => at, name: 'byNumber' });
    const process = processFunction(Step, { inject: [byNumber] }, (step, rows) => rows.put(step));
    const broker = new RedisMessageBroker({ url, group: where.group, entries: [[Step, redisStream(keys)]] });
    const made = new WaterMill({ process, broker, commitEvery: { elements: 1 } });
    const served = serve(made, { tables: [byNumber] });
    await server.add(keys[lane] as string, [message(Step, { at: 7, work: 'put', key: 'a', to: '' })]);
    await until(() => made.table(byNumber).size === 1);
    expect(await (await served.get('/tables/byNumber/7')).json()).toMatchObject({ at: 7 });
    await made.stop();
    await served.ended;
  });

  it('start empty if the plan has changed, or the progress was deleted', async () => {
    const steps = randomSteps(new Random(9), 30, 8);
    const where = await world('stream', steps);
    await mill(where).run();
    expect(await hashOf(where)).not.toEqual([]);
    const none = processFunction(Step, { emits: [Seen] }, ({ at }) => message(Seen, { at, text: '' }));
    await mill(where, { process: none, onPlanChange: 'restart' }).run();
    expect(await server.send('KEYS', `watermill:${where.group}:table:*`)).toEqual([]);

    await mill(where, { onPlanChange: 'restart' }).run();
    expect(await hashOf(where)).toEqual(oracle(steps).left);
    await server.send('DEL', `watermill:${where.group}`);
    const anew = mill(where);
    await anew.run();
    expect(await hashOf(where)).toEqual(oracle(steps).left);
    expect(plain(anew.table(Histories).range())).toEqual(oracle(steps).left);
  });

  it('may have more keys than one command reads, of every type', async () => {
    const ids = Array.from({ length: 1_234 }, (_, at) => at);
    const where = await world('stream', []);
    const { group } = where;
    const numbers = uniqueName('numbers');
    await server.add(
      numbers,
      ids.map((id) => ({ id: String(id), day: new Date(id).toISOString() })),
    );
    await server.end(numbers);
    const process = processFunction(Counted, { inject: [ByDay], emits: [] }, (counted, days) => {
      days.put(counted);
      if (counted.id % 2n === 1n) days.delete([counted.day, counted.id]);
    });
    const run = async () => {
      const broker = new RedisMessageBroker({ url, group, entries: [[Counted, redisStream(numbers)]] });
      const made = new WaterMill({ process, broker });
      await made.run();
      return [...made.table(ByDay).range()];
    };
    const expected = ids
      .filter((id) => id % 2 === 0)
      .map((id) => message(Counted, { id: BigInt(id), day: new Date(id) }));
    expect(await run()).toEqual(expected);
    // As another process would read it.
    expect(await run()).toEqual(expected);
  });

  it('are not stored without a group', async () => {
    for (const kind of ['stream', 'list'] as const) {
      const steps = randomSteps(new Random(2), 20, 4);
      const where = await world(kind, steps);
      const before = await server.send('KEYS', 'watermill:*:table:Histories:*');
      const entries = [
        [Step, kind === 'list' ? redisList(where.steps) : redisStream(where.steps)],
        [Seen, redisStream(where.seen)],
      ] as const;
      const made = new WaterMill({ process: forms['a function'], broker: new RedisMessageBroker({ url, entries }) });
      await made.run();
      expect(plain(made.table(Histories).range())).toEqual(oracle(steps).left);
      expect((await server.send('KEYS', 'watermill:*:table:Histories:*')).sort()).toEqual(before.sort());
    }
  });

  it('are refused over a list that is read at most once, and if their key has another type', async () => {
    const where = await world('list', []);
    const entries = [
      [Step, redisList(where.steps, { delivery: 'at-most-once' })],
      [Seen, redisStream(where.seen)],
    ] as const;
    const broker = new RedisMessageBroker({ url, group: where.group, entries });
    const refused = await rejection(new WaterMill({ process: forms['a function'], broker }).run());
    expect(refused).toMatchObject({ code: 'WM_TABLE', details: { table: 'Histories', stream: where.steps } });
    expect(refused.message).toContain("Use delivery: 'at-least-once'");

    const key = `watermill:${where.group}:table:Histories:0`;
    await server.send('SET', key, 'of somebody else');
    const wrong = await rejection(mill(where).run());
    expect(wrong.code).toBe('WM_REDIS_TYPE');
    expect(wrong.message).toContain(
      `The key ${key} holds a string, expected a hash. Progress, tables and taken elements of a group are kept`,
    );
    expect(await server.send('GET', key)).toBe('of somebody else');
  });

  it.each(kinds)('of a %s are refused if their stored rows were deleted', async (kind) => {
    const steps = randomSteps(new Random(3), 40);
    const where = await world(kind, steps);
    await mill(where).run();
    const keys = oracle(steps).left.length;
    const owner = kind === 'group' ? `${where.group}:consumer:one` : where.group;
    await server.send('DEL', `watermill:${owner}:table:Histories:0`);
    const error = await rejection(mill(where).run());
    expect(error.code).toBe('WM_TABLE_DAMAGED');
    expect(error.message).toContain(
      `The table Histories cannot be restored: the last commit counts ${keys} keys, and the stored changes have 0.`,
    );
  });
});

@Message()
class Counted {
  @Field(() => BigInt) id!: bigint;
  @Field(() => Date) day!: Date;
}

class ByDay extends table(Counted, { key: tuple(field(Counted, 'day'), field(Counted, 'id')) }) {}

function gateOf(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
