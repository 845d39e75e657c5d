import { batchWindow, field, joinStreams, joinWith, message, processFunction, WaterMill, window } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Next, Order, orders, Price, prices, range, Sale, sell, Third } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);
const joinIds = (members: readonly Order[]): Sale =>
  message(Sale, { id: members.map(({ id }) => id).join('+'), amount: 0 });

describe('streams that arrive while the mill runs', () => {
  it('are joined as they arrive; results are written before the mill waits', async () => {
    const left = new ScriptedStream([], true);
    const right = new ScriptedStream([], true);
    const broker = new ScriptedBroker([
      [Order, left],
      [Price, right],
    ]);
    const run = new WaterMill({ process: sell, broker }).run();
    await settled();
    left.push(...orders(1));
    right.push(...prices(1));
    await settled();
    expect(ids(broker)).toEqual([]);
    right.push(...prices(2));
    await settled();
    expect(ids(broker)).toEqual(['o0']);
    left.end();
    expect((await run).ended).toBe('master ended');
  });

  it('are awaited together: the first to arrive is used', async () => {
    const three = joinStreams(
      Order,
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }),
      joinWith(Third, { left: field(Order, 'time'), right: field(Third, 'time') }),
    );
    const silent = new ScriptedStream([], true);
    const broker = new ScriptedBroker([
      [Order, orders(1, 2)],
      [Price, silent],
      [Third, orders(5)],
    ]);
    const report = await new WaterMill({ process: processFunction(three, {}, () => {}), broker }).run();
    expect(report.ended).not.toBe('stopped');
    expect(broker.open).toBe(0);
  });
});

describe('a data timeout', () => {
  it('ends a stream that is silent for that long, and is remembered', async () => {
    const clock = new VirtualClock();
    const live = new ScriptedStream(orders(1, 1), true);
    const broker = new ScriptedBroker([[Order, live]], { timeouts: { dataTimeoutMs: 100 } });
    const process = processFunction(window(Order, field(Order, 'time')), { emits: [Sale] }, joinIds);
    const run = new WaterMill({ process, broker, clock }).run();
    await clock.advance(60);
    live.push(...orders(1));
    await clock.advance(99);
    expect(ids(broker)).toEqual([]);
    await clock.advance(1);
    const report = await run;
    expect(report).toMatchObject({ ended: 'timeout', because: 'Order', durationMs: 160 });
    expect(ids(broker)).toEqual(['o0+o1+o0']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
    live.push(...orders(9));
    expect((await new WaterMill({ process, broker, clock }).run()).ended).toBe('already ended');
  });

  it('ends a child alone, and the join by it', async () => {
    const clock = new VirtualClock();
    const broker = new ScriptedBroker(
      [
        [Order, orders(...range(20))],
        [Price, new ScriptedStream(prices(1), true)],
      ],
      {
        timeouts: { dataTimeoutMs: 100 },
      },
    );
    const run = new WaterMill({ process: sell, broker, clock }).run();
    await clock.advance(100);
    expect(await run).toMatchObject({ ended: 'timeout', because: 'Price' });
    expect(ids(broker)).toEqual(['o1']);
  });

  it('does not end a stream that is merely not needed yet', async () => {
    const clock = new VirtualClock();
    const right = new ScriptedStream(prices(5), true);
    const left = new ScriptedStream(orders(1), true);
    const broker = new ScriptedBroker(
      [
        [Order, left],
        [Price, right],
      ],
      { timeouts: { dataTimeoutMs: 100 } },
    );
    const mill = new WaterMill({ process: sell, broker, clock });
    const run = mill.run();
    for (let time = 2; time < 6; time++) {
      await clock.advance(90);
      left.push(...orders(time));
    }
    await clock.advance(90);
    right.push(...prices(6));
    await settled();
    expect(ids(broker)).toEqual(['o0']);
    await mill.stop();
    expect((await run).ended).toBe('stopped');
  });
});

describe('an idle policy', () => {
  const idle = (then: 'end' | 'wait') => {
    const clock = new VirtualClock();
    const logger = new RecordingLogger();
    const live = new ScriptedStream(prices(1), true);
    const broker = new ScriptedBroker([
      [Order, orders(...range(20, 1))],
      [Price, live],
    ]);
    const mill = new WaterMill({
      process: sell,
      broker,
      clock,
      logger,
      commitEvery: { ms: 1e9 },
      inputs: [[Price, { idle: { afterMs: 100, then } }]],
    });
    return { clock, logger, live, broker, run: mill.run() };
  };

  it('end: the stream ends for this mill', async () => {
    const { clock, run, broker } = idle('end');
    await clock.advance(100);
    expect(await run).toMatchObject({ ended: 'timeout', because: 'Price' });
    expect(ids(broker)).toEqual(['o0']);
  });

  it('wait: it is reported once per silence, and waited for', async () => {
    const { clock, run, logger, live } = idle('wait');
    await clock.advance(1000);
    const warnings = () => logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(warnings()).toEqual(['Price: nothing arrived from stream-1 for 100 ms, and the join waits for it']);
    // The timers of the commit, and of the watchdog.
    expect(clock.pending).toBe(2);
    live.push(...prices(2));
    await clock.advance(1000);
    expect(warnings()).toHaveLength(2);
    live.end();
    await run;
  });
});

describe('a poll timeout', () => {
  it('closes an expression window for which onTimeout returns another key', async () => {
    const clock = new VirtualClock();
    const live = new ScriptedStream(orders(1, 1), true);
    const broker = new ScriptedBroker([[Order, live]], { timeouts: { pollTimeoutMs: 100 } });
    let asked = 0;
    const process = processFunction(
      window(Order, field(Order, 'time'), { onTimeout: () => (++asked < 3 ? 1 : 2) }),
      { emits: [Sale] },
      joinIds,
    );
    const run = new WaterMill({ process, broker, clock }).run();
    await clock.advance(250);
    expect([asked, ids(broker)]).toEqual([2, []]);
    await clock.advance(50);
    expect([asked, ids(broker)]).toEqual([3, ['o0+o1']]);
    live.push(...orders(1));
    live.end();
    await run;
    expect(ids(broker)).toEqual(['o0+o1', 'o0']);
  });

  it('an onTimeout that throws fails the run', async () => {
    const clock = new VirtualClock();
    const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]], {
      timeouts: { pollTimeoutMs: 100 },
    });
    const onTimeout = (): number => {
      throw new Error('no key');
    };
    const process = processFunction(window(Order, field(Order, 'time'), { onTimeout }), {}, () => {});
    const run = new WaterMill({ process, broker, clock }).run();
    const failure = expect(run).rejects.toMatchObject({ code: 'WM_TIMEOUT_KEY_FAILED', cause: new Error('no key') });
    await clock.advance(100);
    await failure;
  });
});

describe('a batch window', () => {
  const batches = () => {
    const clock = new VirtualClock();
    const live = new ScriptedStream([], true);
    const broker = new ScriptedBroker([[Order, live]], { batchSize: 100 });
    const process = processFunction(batchWindow(Order, { size: 3, timeoutMs: 100 }), { emits: [Sale] }, joinIds);
    return { clock, live, broker, run: new WaterMill({ process, broker, clock }).run() };
  };

  it('closes when it is full, or after the timeout since its first element', async () => {
    const { clock, live, broker, run } = batches();
    live.push(...orders(0, 1, 2, 3));
    await clock.advance(50);
    expect(ids(broker)).toEqual(['o0+o1+o2']);
    live.push(message(Order, { time: 4, id: 'late' }));
    await clock.advance(49);
    expect(ids(broker)).toHaveLength(1);
    await clock.advance(1);
    expect(ids(broker)).toEqual(['o0+o1+o2', 'o3+late']);
    await clock.advance(1000);
    live.push(message(Order, { time: 5, id: 'next' }));
    await clock.advance(99);
    expect(ids(broker)).toHaveLength(2);
    await clock.advance(1);
    expect(ids(broker)).toHaveLength(3);
    live.end();
    await run;
  });
});

describe('one stream that feeds several nodes', () => {
  /** The second node is read to its end before the first one continues: its keys are far ahead. */
  const apart = (distance: number) =>
    joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(distance), right: field(Next, 'time') }));

  const run = async (distance: number, rereads: boolean) => {
    const values = orders(...range(2000));
    const broker = new ScriptedBroker(
      [
        [Order, values],
        [Next, values],
      ],
      { batchSize: 10, rereads },
    );
    const pairs: string[] = [];
    const process = processFunction(
      apart(distance),
      {},
      (here, next) => void pairs.push(`${here.id} ${next.first(here)?.id}`),
    );
    await new WaterMill({ process, broker }).run();
    expect(pairs).toEqual(range(2000 - distance).map((i) => `o${i} o${i + distance}`));
    return broker;
  };

  it('is read once while they are close to each other', async () => {
    expect((await run(100, true)).readersOpened).toEqual(['Order']);
  });

  it('is read twice when one is far ahead of the other', async () => {
    const broker = await run(1500, true);
    expect(broker.readersOpened).toEqual(['Order', 'Next']);
    expect(broker.open).toBe(0);
  });

  it('is read once by a broker that cannot read it twice, without a deadlock', async () => {
    expect((await run(1500, false)).readersOpened).toEqual(['Order']);
  });

  it.each([100, 1500])('continues after a stop anywhere (%d apart)', async (distance) => {
    const values = orders(...range(2000));
    const broker = new ScriptedBroker(
      [
        [Order, values],
        [Next, values],
      ],
      { batchSize: 10 },
    );
    const pairs: string[] = [];
    let mill: WaterMill;
    const process = processFunction(apart(distance), {}, (here, next) => {
      pairs.push(`${here.id} ${next.first(here)?.id}`);
      if (pairs.length % 97 === 0) void mill.stop();
    });
    do {
      mill = new WaterMill({ process, broker });
    } while ((await mill.run()).ended === 'stopped');
    expect(pairs).toEqual(range(2000 - distance).map((i) => `o${i} o${i + distance}`));
  });
});
