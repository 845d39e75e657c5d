import {
  type Broker,
  type BrokerLane,
  type Connection,
  MemoryMessageBroker,
  processFunction,
  WaterMill,
} from 'watermill';
import type { KeptChange, KeptTables } from '../../lib/brokers/kept-tables.js';
import { LaneClaim } from '../../lib/brokers/partitions/lane-claim.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';
import { rejection } from '../mill/support/rejection.js';
import { endServed, serve } from '../service/serve.js';
import { readOpenMetrics } from '../support/open-metrics.js';
import { until, VirtualClock } from '../support/virtual-clock.js';
import { PageView, plain, VisitsByUser, view, visits } from './model.js';

afterEach(endServed);

const counting = processFunction(
  PageView,
  { inject: [VisitsByUser, visits], emits: [] },
  ({ user }, byUser, others) => {
    byUser.put({ user, count: (byUser.get(user)?.count ?? 0) + 1 });
    others.put({ user: 'all', count: 1 });
  },
);
const views = [...'abcabdee'].map((user, at) => view(at, user));

/**
 * The same broker; `look` is awaited before each change of a table is read. The first two changes report the remaining
 * number.
 */
function readSlowly(broker: Broker, look: (table: number, taken: number) => Promise<void>): Broker {
  const slow = (tables: KeptTables): KeptTables => ({
    keeps: tables.keeps,
    read: async (table, take, left) => {
      const changes: KeptChange[] = [];
      const told: number[] = [];
      await tables.read(
        table,
        (change) => void changes.push(change),
        (changes) => told.push(changes),
      );
      for (const [taken, change] of changes.entries()) {
        if (taken <= 1 && told[0] !== undefined) left?.(told[0] - taken);
        await look(table, taken);
        take(change);
      }
    },
    write: (...args) => tables.write(...args),
    flush: () => tables.flush(),
    close: () => tables.close(),
  });
  const connect: Broker['connect'] = async (request) => {
    const connection: Connection = await broker.connect(request);
    const slowLane = (lane: any) =>
      Object.assign(Object.create(lane), {
        openTables: async (...asked: unknown[]) => slow(await lane.openTables(...asked)),
      });
    const lanes = () => [...(connection.lanes() as Iterable<any>)].map(slowLane);
    return Object.assign(Object.create(connection), { lanes });
  };
  return Object.assign(Object.create(broker), { connect });
}

describe('restoring tables', () => {
  it('is shown in health, in metrics and in progress, with the remaining rows, and logged', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const logger = new RecordingLogger();
    const clock = new VirtualClock();
    const asked: unknown[] = [];
    const reading = readSlowly(broker, async (table, taken) => {
      if (taken === (table === 0 ? 3 : 0)) await look();
    });
    const served = serve(new WaterMill({ process: counting, broker: reading, logger, clock }));
    async function look(): Promise<void> {
      await clock.advance(10);
      const metrics = readOpenMetrics(await served.text('/metrics'));
      const values = (name: string) => Object.fromEntries(metrics.get(name)?.samples ?? []);
      asked.push({
        ready: (await served.get('/readyz')).status,
        alive: (await served.get('/healthz')).status,
        health: await (await served.get('/healthz')).json(),
        restoring: JSON.parse(await served.text('/progress')).restoring,
        ...values('watermill_restoring'),
        ...values('watermill_restoring_changes'),
      });
    }
    await served.ended;
    const of = (table: string, read: number, [left, ...lefts]: readonly number[]) => ({
      ready: 503,
      alive: 200,
      health: { ready: false, healthy: true, lanes: [{ lane: '0', healthy: true, restoring: { table, read, left } }] },
      restoring: [{ table, read, left }],
      watermill_restoring: 1,
      'watermill_restoring_changes{table="VisitsByUser"}': lefts[0],
      'watermill_restoring_changes{table="visits"}': lefts[1],
    });
    expect(asked).toEqual([of('VisitsByUser', 3, [2, 2, 0]), of('visits', 0, [1, 0, 1])]);
    expect(logger.lines.filter(({ text }) => /restor/.test(text))).toEqual([
      {
        level: 'info',
        fields: { lane: '0', tables: ['VisitsByUser', 'visits'] },
        text: 'Lane 0 is restoring VisitsByUser, visits',
      },
      {
        level: 'info',
        fields: { lane: '0', tables: ['VisitsByUser', 'visits'], keys: 6, changes: 6, durationMs: 20 },
        text: 'Lane 0 has restored VisitsByUser, visits: 6 keys from 6 changes in 20 ms',
      },
    ]);
  });

  it('is not shown for a lane without progress, nor after its first call', async () => {
    const logger = new RecordingLogger();
    const looks: unknown[] = [];
    const process = processFunction(PageView, { inject: [VisitsByUser] }, (_, table) => {
      table.put({ user: 'a', count: 1 });
      looks.push(mill.health());
    });
    const broker = new MemoryMessageBroker([[PageView, views.slice(0, 1)]]);
    const mill: WaterMill = new WaterMill({ process, broker, logger });
    await mill.run();
    expect(looks).toEqual([{ ready: true, healthy: true, lanes: [expect.not.objectContaining({ restoring: 1 })] }]);
    expect(logger.lines.filter(({ text }) => /restor/.test(text))).toEqual([]);
  });

  it('is over if the tables cannot be read', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const reading = readSlowly(broker, async () => {
      throw new Error('gone');
    });
    const mill = new WaterMill({ process: counting, broker: reading });
    expect(String(await rejection(mill.run()))).toMatch(/restoring tables.*gone/);
    expect(mill.health()).toEqual({ ready: false, healthy: false, lanes: [] });
  });

  it('ends at once if the mill is stopped, and the next run continues', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const logger = new RecordingLogger();
    const taken: number[] = [];
    const mill: WaterMill = new WaterMill({
      process: counting,
      broker: readSlowly(broker, async (_, read) => {
        taken.push(read);
        if (read !== 1) return;
        void mill.stop();
        await new Promise(() => {});
      }),
      logger,
    });
    expect(await mill.run()).toMatchObject({ ended: 'stopped', calls: 0 });
    expect(taken).toEqual([0, 1]);
    expect(mill.health()).toEqual({ ready: false, healthy: true, lanes: [] });
    expect(logger.lines.filter(({ level }) => level !== 'info')).toEqual([]);
    const again = new WaterMill({ process: counting, broker });
    await again.run();
    expect(plain(again.table(VisitsByUser).range())).toHaveLength(5);
  });

  it('takes no change that is read after the mill was stopped', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    let more = (): void => {};
    const outcome = new Promise<unknown>((resolve) => {
      const reading = readSlowly(broker, async (_, read) => {
        if (read === 0) return;
        void mill.stop();
        await new Promise<void>((resume) => {
          more = resume;
        });
      });
      const connect = reading.connect.bind(reading);
      reading.connect = async (request) => {
        const connection: Connection = await connect(request);
        const [lane] = [...(connection.lanes() as Iterable<any>)];
        const openTables = async (...asked: unknown[]) => {
          const tables = await lane.openTables(...asked);
          const read = async (...given: unknown[]) => {
            const whole = tables.read(...given);
            whole.then(resolve, resolve);
            return whole;
          };
          return Object.assign(Object.create(tables), { read });
        };
        const watched = Object.assign(Object.create(lane), { openTables });
        return Object.assign(Object.create(connection), { lanes: () => [watched] });
      };
      const mill: WaterMill = new WaterMill({ process: counting, broker: reading });
      void mill.run().then(() => more());
    });
    expect(await outcome).toMatchObject({ name: 'AbortError' });
  });

  it('ends at once if the lane is taken away', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const logger = new RecordingLogger();
    const revocation = new AbortController();
    const reading = readSlowly(broker, async () => {
      revocation.abort();
      await new Promise(() => {});
    });
    const mill = new WaterMill({ process: counting, broker: withRevoked(reading, revocation.signal), logger });
    expect(await mill.run()).toMatchObject({ calls: 0 });
    expect(logger.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('lists a lane that was taken away and returns once', async () => {
    const listed: unknown[] = [];
    const reading = readSlowly(new MemoryMessageBroker([[PageView, views]]), async () => {
      listed.push(mill.health().lanes.map(({ lane, ended, restoring }) => [lane, ended, restoring !== undefined]));
    });
    const claim = new LaneClaim();
    const connect: Broker['connect'] = async (request) => {
      const connection: Connection = await reading.connect(request);
      async function* lanes() {
        const [lane] = connection.lanes() as Iterable<BrokerLane>;
        let isReleased = false;
        const release = async (): Promise<void> => {
          isReleased = true;
        };
        yield Object.assign(Object.create(lane as BrokerLane), { revoked: claim.revoked, release });
        await until(() => isReleased);
        yield* connection.lanes();
      }
      return Object.assign(Object.create(connection), { lanes });
    };
    const process = processFunction(PageView, { inject: [VisitsByUser], emits: [] }, ({ at, user }, byUser) => {
      byUser.put({ user, count: 1 });
      if (at === 0) claim.revoke();
    });
    const mill = new WaterMill({ process, broker: Object.assign(Object.create(reading), { connect }) });
    await mill.run();
    expect(listed).toEqual([[['0', undefined, true]]]);
  });

  it('is answered with 503 where the tables are shown, as long as they are not complete', async () => {
    const broker = new MemoryMessageBroker([[PageView, views]]);
    await new WaterMill({ process: counting, broker }).run();
    const answers: unknown[] = [];
    const reading = readSlowly(broker, async (table, taken) => {
      if (table === 1 && taken === 0) await look();
    });
    const { connect } = reading;
    reading.connect = async (request) => {
      await look();
      return connect.call(reading, request);
    };
    const mill = new WaterMill({ process: counting, broker: reading });
    const served = serve(mill, { tables: [VisitsByUser] });
    async function look(): Promise<void> {
      for (const path of ['/tables/VisitsByUser/a', '/tables/VisitsByUser']) {
        const answer = await served.get(path);
        answers.push(answer.status, await answer.json());
      }
    }
    await served.ended;
    const before = { error: 'VisitsByUser is not here: the mill is starting, or other processes have all its lanes.' };
    const error = 'VisitsByUser is being restored, and not complete yet. Ask again when /readyz answers with 200.';
    expect(answers).toEqual([503, before, 503, before, 503, { error }, 503, { error }]);
  });
});

/** The same broker, whose lanes are taken away by a signal. */
function withRevoked(broker: Broker, revoked: AbortSignal): Broker {
  const connect: Broker['connect'] = async (request) => {
    const connection: Connection = await broker.connect(request);
    const lanes = [...(connection.lanes() as Iterable<any>)].map((lane) =>
      Object.assign(Object.create(lane), { revoked }),
    );
    return Object.assign(Object.create(connection), { lanes: () => lanes });
  };
  return Object.assign(Object.create(broker), { connect });
}
