import { message, Process, processFunction, WaterMill } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, range, Sale, sell } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
const all = range(200).map((i) => `o${i}`);

describe('stop()', () => {
  it.each([0, 1, 2, 7, 100, 199])(
    'called in call %d: that call is the last one, and the next run does the rest',
    async (at) => {
      const broker = new ScriptedBroker([[Order, orders(...range(200))]]);
      const called: string[] = [];
      const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
        called.push(id);
        if (time === at) void mill.stop();
        return message(Sale, { id, amount: time });
      });
      const mill = new WaterMill({ process, broker });
      const report = await mill.run();
      expect(report.ended).toBe('stopped');
      expect(called).toEqual(all.slice(0, at + 1));
      expect(ids(broker)).toEqual(called);
      expect(broker.sink()).toMatchObject({ ended: 0, published: 0 });
      expect(broker.open).toBe(0);

      const rest: string[] = [];
      await new WaterMill({
        process: processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
          rest.push(id);
          return message(Sale, { id, amount: time });
        }),
        broker,
      }).run();
      expect(rest).toEqual(all.slice(at + 1));
      expect(ids(broker)).toEqual(all);
    },
  );

  it('waits for the async call in progress', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2, 3)]]);
    let finish = (): void => {};
    const process = processFunction(Order, { emits: [Sale] }, async ({ id }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return message(Sale, { id, amount: 1 });
    });
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await settled();
    const stopped = mill.stop();
    await settled();
    expect(ids(broker)).toEqual([]);
    finish();
    await stopped;
    expect(ids(broker)).toEqual(['o0']);
    expect((await run).ended).toBe('stopped');
  });

  it('ends a wait for input', async () => {
    const live = new ScriptedStream(orders(1), true);
    const broker = new ScriptedBroker([[Order, live]]);
    const mill = new WaterMill({ process: copy, broker });
    const run = mill.run();
    await settled();
    await mill.stop();
    expect((await run).ended).toBe('stopped');
    expect(ids(broker)).toEqual(['o0']);
    expect(broker.open).toBe(0);
  });

  it('reaches a mill whose input is all available, since the event loop gets its turn', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(2000))]], { batchSize: 10 });
    let called = 0;
    const slow = processFunction(Order, {}, () => {
      called++;
      for (const end = performance.now() + 0.1; performance.now() < end; );
    });
    const mill = new WaterMill({ process: slow, broker });
    setImmediate(() => void mill.stop());
    expect((await mill.run()).ended).toBe('stopped');
    expect(called).toBeGreaterThan(0);
    expect(called).toBeLessThan(2000);
  });

  it('before the run: nothing is opened', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const mill = new WaterMill({ process: copy, broker });
    await mill.stop();
    expect((await mill.run()).ended).toBe('stopped');
    expect(broker.calls).toEqual([]);
  });

  it('may be called again, and after the end', async () => {
    const mill = new WaterMill({ process: copy, broker: new ScriptedBroker([[Order, orders(1)]]) });
    const report = await mill.run();
    await mill.stop();
    await mill.stop();
    expect(report.ended).toBe('master ended');
  });

  it('reports where the results so far are', async () => {
    const broker = new ScriptedBroker([[Order, new ScriptedStream([], true)]]);
    broker.partial = 'out/sale.json.partial';
    const mill = new WaterMill({ process: copy, broker });
    const run = mill.run();
    await settled();
    await mill.stop();
    const report = await run;
    expect(report.partialResults).toBe('out/sale.json.partial');
    expect(String(report)).toContain('results so far are in out/sale.json.partial');
  });
});

describe('an AbortSignal', () => {
  it('ends a run like stop()', async () => {
    const controller = new AbortController();
    const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]]);
    const run = new WaterMill({ process: copy, broker, signal: controller.signal }).run();
    await settled();
    controller.abort();
    expect((await run).ended).toBe('stopped');
    expect(ids(broker)).toEqual(['o0']);
  });

  it('that is already aborted opens nothing', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const report = await new WaterMill({ process: copy, broker, signal: AbortSignal.abort() }).run();
    expect(report.ended).toBe('stopped');
    expect(broker.calls).toEqual([]);
  });
});

it.each([
  ['with a commit, for its next owner', {}, 1],
  ["without one where it may be another's already", { lost: AbortSignal.abort() }, 0],
])('a lane that is revoked ends %s', async (_, script, commits) => {
  const controller = new AbortController();
  const live = new ScriptedStream(orders(1), true);
  const broker = new ScriptedBroker([[Order, live]], { revoked: controller.signal, ...script });
  const run = new WaterMill({ process: copy, broker }).run();
  await settled();
  controller.abort();
  expect((await run).ended).toBe('revoked');
  expect(broker.calls.filter((call) => call === 'commit')).toHaveLength(commits);
  expect(broker.sink().ended).toBe(0);
  expect(broker.open).toBe(0);
});

it('results of calls that return promises are not held back until their batch is done', async () => {
  const broker = new ScriptedBroker([[Order, orders(...range(100))]], { batchSize: 100 });
  const seen: number[] = [];
  const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
    if (time === 50) seen.push(broker.written(Sale).length);
    return message(Sale, { id, amount: time });
  });
  await new WaterMill({ process, broker }).run();
  expect(seen[0]).toBeGreaterThanOrEqual(8);
});

it('await using stops the run and closes everything', async () => {
  const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]]);
  let run: Promise<unknown>;
  {
    await using mill = new WaterMill({ process: copy, broker });
    run = mill.run();
    await settled();
    expect(broker.open).toBeGreaterThan(0);
  }
  expect(broker.open).toBe(0);
  await run;
});

describe('commits', () => {
  const commits = (broker: ScriptedBroker): number => broker.calls.filter((call) => call === 'commit').length;

  it('happen every 10,000 master elements by default, and at the end', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(25_000))]], { batchSize: 1024 });
    await new WaterMill({ process: copy, broker, clock: new VirtualClock() }).run();
    expect(commits(broker)).toBe(3);
  });

  it('happen after that many master elements, however large the batches are', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(100))]], { batchSize: 1000 });
    await new WaterMill({ process: copy, broker, clock: new VirtualClock(), commitEvery: { elements: 10 } }).run();
    expect(commits(broker)).toBe(10);
  });

  it('happen by time, also for the rest of a batch that contained one', async () => {
    const clock = new VirtualClock();
    const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(...range(100)), true)]], { batchSize: 100 });
    const mill = new WaterMill({ process: copy, broker, clock, commitEvery: { elements: 100, ms: 50 } });
    const run = mill.run();
    await clock.advance(1);
    expect(commits(broker)).toBe(1);
    await clock.advance(50);
    expect(JSON.parse(broker.commits.get('0') as string).lane.nodes[0].from).toBe(100);
    await mill.stop();
    await run;
  });

  it.each([
    [undefined, 5_000],
    [{ ms: 100 }, 100],
  ])('%j: happen after %d ms, also without further elements', async (commitEvery, ms) => {
    const clock = new VirtualClock();
    const live = new ScriptedStream(orders(1), true);
    const broker = new ScriptedBroker([[Order, live]]);
    const mill = new WaterMill({ process: copy, broker, clock, ...(commitEvery && { commitEvery }) });
    const run = mill.run();
    await clock.advance(ms - 1);
    expect(commits(broker)).toBe(0);
    await clock.advance(1);
    expect(commits(broker)).toBe(1);
    await clock.advance(10 * ms);
    expect(commits(broker)).toBe(1);
    expect(clock.pending).toBe(0);
    live.end();
    await run;
    expect(commits(broker)).toBe(2);
  });

  it('store no more than the tree needs, whatever was read', async () => {
    const broker = new ScriptedBroker([
      [Order, orders(...range(5000))],
      [Price, prices(...range(5000))],
    ]);
    const sizes: number[] = [];
    broker.onCall = (call) => {
      if (call === 'commit') sizes.push(broker.commits.get('0')?.length ?? 0);
    };
    await new WaterMill({ process: sell, broker, commitEvery: { elements: 500 } }).run();
    expect(Math.max(...sizes)).toBeLessThan(600);
  });
});

describe('stop() that a call awaits', () => {
  const stopping = (at: number, form: (stop: () => Promise<void>, order: Order) => any) => {
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2, 3)]]);
    const process = processFunction(Order, { emits: [Sale] }, ((order: Order) =>
      form(async () => {
        if (order.time === at) await mill.stop();
      }, order)) as never);
    const mill: WaterMill = new WaterMill({ process, broker });
    return { broker, mill };
  };
  const sale = ({ id, time }: Order) => message(Sale, { id, amount: time });
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

  it.each<[string, (stop: () => Promise<void>, order: Order) => any]>([
    ['at once', (stop, order) => stop().then(() => sale(order))],
    [
      'after a pause',
      async (stop, order) =>
        pause()
          .then(async () => await stop())
          .then(() => sale(order)),
    ],
    [
      'deeper inside',
      async (stop, order) => {
        const inner = async () => {
          await pause();
          await stop();
        };
        await inner();
        return sale(order);
      },
    ],
    [
      'among others',
      async (stop, order) => {
        await Promise.all([pause(), pause().then(async () => stop())]);
        return sale(order);
      },
    ],
    [
      'in a generator',
      async function* (stop, order) {
        yield sale(order);
        await pause();
        await stop();
      },
    ],
    [
      'in a generator, at its beginning',
      async function* (stop, order) {
        await stop();
        yield sale(order);
      },
    ],
  ])('%s, resolves when it is accepted; that call is the last one', async (_, form) => {
    for (const at of [0, 2]) {
      const { broker, mill } = stopping(at, form);
      const report = await mill.run();
      expect(report.ended).toBe('stopped');
      expect(ids(broker)).toEqual(all.slice(0, at + 1));
    }
  });

  it.each<[string, (stop: () => Promise<void>) => Promise<void>]>([
    ['at once', (stop) => stop()],
    ['after a pause', async (stop) => pause().then(async () => await stop())],
  ])('as does one that the function atEnd awaits, %s', async (_, form) => {
    const broker = new ScriptedBroker([[Order, orders(0)]]);
    const atEnd = async () => {
      await form(() => mill.stop());
      return message(Sale, { id: 'end', amount: 0 });
    };
    const process = processFunction(Order, { emits: [Sale], atEnd }, sale);
    const mill: WaterMill = new WaterMill({ process, broker });
    const report = await mill.run();
    expect({ ended: report.ended, written: ids(broker) }).toEqual({ ended: 'master ended', written: [all[0], 'end'] });
  });

  it('as does one that the dispose method of the instance awaits', async () => {
    const broker = new ScriptedBroker([[Order, orders(0)]]);
    const shop = {
      sell: sale,
      async [Symbol.asyncDispose]() {
        await pause();
        await mill.stop();
      },
    };
    class Shop {
      @Process(Order, { inject: [], emits: [Sale] })
      sell(order: Order): Sale {
        return sale(order);
      }
    }
    const mill: WaterMill = new WaterMill({ process: Shop, broker, container: { resolve: () => shop } });
    expect((await mill.run()).calls).toBe(1);
  });

  it('from outside, resolves after the run, and the log names what it waits for', async () => {
    const clock = new VirtualClock();
    const logger = new RecordingLogger();
    const broker = new ScriptedBroker([[Order, orders(0, 1)]]);
    let finish = (): void => {};
    const process = processFunction(Order, {}, () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const mill = new WaterMill({ process, broker, clock, logger, waitingAfterMs: 1_000 });
    const run = mill.run();
    await settled();
    let isStopped = false;
    const stopped = mill.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(2_000);
    expect(isStopped).toBe(false);
    expect(logger.lines.map(({ text }) => text).join()).toContain(
      'is processing Order at position 0 of stream-0, and stop() waits for that, for ',
    );
    finish();
    await Promise.all([run, stopped]);
  });
});
