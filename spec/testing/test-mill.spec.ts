import { setTimeout as sleep } from 'node:timers/promises';
import {
  BadMessage,
  batchWindow,
  DataKey,
  EndOfStream,
  field,
  MemoryMessageBroker,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
  WaterMillError,
  window,
} from 'watermill';
import { flow } from 'watermill/flow';
import { type TestMill, testMill } from 'watermill/testing';
import { Alarm, LateOrder, Order, orders, Price, prices, range, Sale, sell, tree } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';

const thrown = (act: () => unknown): WaterMillError => {
  try {
    act();
  } catch (error) {
    if (error instanceof WaterMillError) return error;
    throw error;
  }
  throw new Error('It should have thrown.');
};
const sale = ({ id }: Order, amount = 0): Sale => message(Sale, { id, amount });
const joinIds = (members: readonly Order[]): Sale => sale({ id: members.map(({ id }) => id).join('+'), time: 0 });
const idle = (then: 'end' | 'ignore') => ({ idle: { afterMs: 100, then } });
const each = processFunction(Order, { emits: [Sale] }, (order) => sale(order));

describe('a test mill', () => {
  it('has made all possible progress when a push resolves', async () => {
    await using kit = testMill({ process: sell });
    await kit.push(Order, ...orders(1, 2));
    expect(kit.results(Sale)).toEqual([]);
    await kit.push(Price, { time: 1, amount: 10 });
    expect(kit.results(Sale)).toEqual([]);
    await kit.push(Price, { time: 2, amount: 20 });
    expect(kit.results(Sale)).toEqual([{ id: 'o0', amount: 10 }]);
    expect(kit.report).toBeUndefined();
    expect(await kit.end()).toBe(kit.report);
    expect(kit.results(Sale)).toEqual([
      { id: 'o0', amount: 10 },
      { id: 'o1', amount: 20 },
    ]);
    expect(kit.report).toMatchObject({ ended: 'master ended', calls: 2 });
  });

  it('reports who waits for whom', async () => {
    await using kit = testMill({ process: sell });
    await kit.push(Order, ...orders(1));
    expect(kit.waiting).toMatchObject([{ for: 'input', awaited: ['Price'], waiters: ['Order'], isHeldUp: true }]);
    await kit.end(Price);
    expect(kit.waiting).toMatchObject([]);
    await kit.end();
    expect(kit.waiting).toEqual([]);
  });

  it.each([1, 7, 2_000])('returns the same results for any number of pushes: %d at once', async (size) => {
    await using kit = testMill({ process: sell });
    const times = range(5_000);
    for (let from = 0; from < times.length; from += size) {
      const some = times.slice(from, from + size);
      await kit.push(Price, ...prices(...some));
      await kit.push(Order, ...some.map((time) => ({ time, id: `${time}` })));
      // The last price may be followed by another one with its key.
      expect(kit.results(Sale)).toHaveLength(from + some.length - 1);
    }
    await kit.end();
    expect(kit.results(Sale)).toEqual(times.map((time) => ({ id: `${time}`, amount: time * 10 })));
  });

  it('accepts pushes that are not awaited, in order, with the elements as of the push', async () => {
    await using kit = testMill({ process: sell });
    const price = message(Price, { time: 1, amount: 1 });
    void kit.push(Price, price);
    price.time = 2;
    price.amount = 2;
    void kit.push(Price, price);
    void kit.push(Order, { time: 1, id: 'a' }, { time: 2, id: 'b' });
    await kit.end();
    expect(kit.results(Sale)).toEqual([
      { id: 'a', amount: 1 },
      { id: 'b', amount: 2 },
    ]);
  });

  it('ends one stream, also by an EndOfStream, and reads nothing pushed after an early end', async () => {
    await using kit = testMill({ process: sell });
    await kit.push(Price, ...prices(1), new EndOfStream());
    await kit.push(Order, ...orders(1));
    expect(kit.results(Sale)).toHaveLength(1);
    await kit.end(Order);
    expect(kit.report?.ended).toBe('master ended');
    const other = testMill({ process: sell });
    await other.end(Order);
    await other.push(Price, ...prices(1));
    expect(other.report?.nodes.map(({ read }) => read)).toEqual([0, 0]);
  });

  it('awaits calls of an async process function, whatever they wait for', async () => {
    let release = (): void => {};
    const process = processFunction(Order, { emits: [Sale] }, async (order) => {
      if (order.id === 'o1') await new Promise<void>((resolve) => (release = resolve));
      await new Promise((resolve) => setTimeout(resolve, 1));
      return sale(order);
    });
    await using kit = testMill({ process });
    await kit.push(Order, ...orders(1));
    expect(kit.results(Sale)).toHaveLength(1);
    let isDone = false;
    const pushed = kit.push(Order, { time: 2, id: 'o1' }).then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(kit.waiting).toMatchObject([{ for: 'call' }]);
    expect(isDone).toBe(false);
    release();
    await pushed;
    expect(kit.results(Sale)).toHaveLength(2);
  });

  it('awaits several calls in progress at once, and those of a flow', async () => {
    const sell = async ({ id, time }: Order): Promise<Sale> => {
      await sleep(time === 1 ? 20 : 1);
      return message(Sale, { id, amount: time });
    };
    const concurrent = processFunction(Order, { emits: [Sale], concurrency: 3 }, sell);
    for (const process of [concurrent, flow(Order).parallel(3, sell).to(Sale)]) {
      await using kit = testMill({ process });
      await kit.push(Order, ...orders(1, 2));
      expect(kit.results(Sale)).toHaveLength(2);
      await kit.push(Order, ...orders(1, 2, 3, 4, 5, 6, 7));
      expect(kit.results(Sale)).toHaveLength(9);
      await kit.push(Order, ...orders(8));
      expect((await kit.end())?.calls).toBe(10);
    }
  });

  // Each of these waited for the call, which waited for it.
  it.each<[string, (kit: TestMill, key: DataKey) => Promise<unknown>]>([
    ['push', (kit) => kit.push(Order, ...orders(5))],
    ['push, after a pause', (kit) => sleep(1).then(async () => await kit.push(Order, ...orders(5)))],
    ['end', (kit) => kit.end()],
    ['advance', (kit) => kit.advance(10)],
    ['advance, after a pause', (kit) => sleep(1).then(async () => await kit.advance(10))],
    ['saveResults', (kit, key) => kit.saveResults(key, sale({ id: 'now', time: 0 }))],
  ])('resolves within a call, which the mill waits for: %s', async (what, act) => {
    const process = processFunction(Order, { inject: [DataKey], emits: [Sale] }, async (order, key) => {
      if (order.time === 1) await act(kit, key);
      if (what !== 'saveResults' || order.time !== 1) kit.saveResults(key, sale(order)).catch(() => {});
    });
    const kit = testMill({ process });
    await kit.push(Order, ...orders(1));
    await kit.end();
    const pushed = what.startsWith('push') ? ['o0'] : [];
    expect(kit.results(Sale).map(({ id }) => id)).toEqual([what === 'saveResults' ? 'now' : 'o0', ...pushed]);
  });

  it('advances time for windows: their own timeouts, and those of a broker', async () => {
    const batches = processFunction(batchWindow(Order, { size: 3, timeoutMs: 100 }), { emits: [Sale] }, joinIds);
    await using kit = testMill({ process: batches });
    await kit.push(Order, ...orders(1, 2));
    await kit.advance(99);
    expect(kit.results(Sale)).toEqual([]);
    await kit.advance(1);
    expect(kit.results(Sale)).toEqual([{ id: 'o0+o1', amount: 0 }]);

    const open = processFunction(
      window(Order, field(Order, 'time'), { onTimeout: () => -1 }),
      { emits: [Sale] },
      joinIds,
    );
    await using other = testMill({ process: open, pollTimeoutMs: 50, dataTimeoutMs: 1_000 });
    await other.push(Order, ...orders(1, 1));
    await other.advance(50);
    expect(other.results(Sale)).toHaveLength(1);
    await Promise.all([other.advance(900), other.advance(50)]);
    expect(other.report).toMatchObject({ ended: 'timeout', durationMs: 1_000 });
  });

  it('advances time for silent streams', async () => {
    const ignore = testMill({
      process: sell,
      inputs: [[Price, { ...idle('ignore'), order: 'skip' }]],
    });
    await ignore.push(Order, ...orders(1, 2));
    await ignore.advance(100);
    expect(ignore.report).toBeUndefined();
    await ignore.push(Price, ...prices(1, 3));
    await ignore.push(Order, { time: 3, id: 'late' });
    await ignore.end();
    expect(ignore.report).toMatchObject({ forcedCalls: 0, ended: 'master ended' });
    expect(ignore.results(Sale)).toEqual([{ id: 'late', amount: 30 }]);
    const end = testMill({ process: sell, inputs: [[Price, idle('end')]] });
    await end.push(Order, ...orders(1));
    await end.advance(100);
    expect(end.report?.because).toBe('Price');
  });

  it('returns late elements and dead letters as results', async () => {
    const process = processFunction(Order, { emits: [Sale], onError: { deadLetter: BadMessage } }, (order) => {
      if (order.id === 'no') throw new Error('refused');
      return sale(order);
    });
    await using kit = testMill({ process });
    await kit.push(Order, { time: 1, id: 'a' }, { time: 2, id: 'no' });
    expect(kit.results(Sale)).toEqual([{ id: 'a', amount: 0 }]);
    expect(kit.results(BadMessage)).toMatchObject([{ stream: 'Order', position: 1, error: 'refused' }]);

    const inOrder = processFunction(
      tumblingWindow(Order, field(Order, 'time'), { size: 1 }),
      { emits: [Sale] },
      joinIds,
    );
    const letters = { deadLetter: BadMessage };
    await using late = testMill({
      process: inOrder,
      inputs: [[Order, { order: { skip: true, late: LateOrder }, onBadMessage: letters }]],
    });
    await late.push(Order, ...orders(2, 1), { time: 'now' } as never, { time: 3, id: 'c' });
    expect(late.results(LateOrder)).toEqual([{ time: 1, id: 'o1' }]);
    expect(late.results(BadMessage)).toMatchObject([{ stream: 'Order', position: 2, raw: '{"time":"now"}' }]);
    await late.end();
    expect(late.results(Sale).map(({ id }) => id)).toEqual(['o0', 'c']);
  });

  it('does not wait for results that are saved later, and accepts them', async () => {
    const keys: DataKey[] = [];
    const process = processFunction(Order, { inject: [DataKey], emits: [Sale] }, (_, key) => void keys.push(key));
    await using kit = testMill({ process });
    await kit.push(Order, ...orders(1, 2));
    expect(await kit.saveResults(keys[1]!, message(Sale, { id: 'second', amount: 2 }))).toBe(true);
    expect(kit.results(Sale)).toEqual([]);
    expect(await kit.end()).toBeUndefined();
    expect(kit.waiting).toMatchObject([{ for: 'saves' }]);
    await kit.saveResults(keys[0]!.id);
    expect(kit.results(Sale)).toEqual([{ id: 'second', amount: 2 }]);
    expect(kit.report?.calls).toBe(2);
    expect((await rejection(kit.saveResults(keys[0]!))).code).toBe('WM_SAVED_TWICE');
  });

  it('works under fake timers', async () => {
    jest.useFakeTimers();
    try {
      await using kit = testMill({ process: each });
      await kit.push(Order, ...orders(1));
      await kit.advance(60_000);
      expect(await kit.end()).toMatchObject({ calls: 1, durationMs: 60_000 });
    } finally {
      jest.useRealTimers();
    }
  });

  it('reports a delayed mill by its own time', async () => {
    const told: number[] = [];
    await using kit = testMill({ process: sell, onWaiting: ({ forMs }) => told.push(forMs), waitingAfterMs: 1_000 });
    await kit.push(Order, ...orders(1));
    await kit.advance(999);
    expect(told).toEqual([]);
    await kit.advance(3_001);
    expect(told).toEqual([1_000, 2_000, 4_000]);
  });

  it('fires timers in the order of their times, in whatever order they were set', async () => {
    await using kit = testMill({ process: sell, onWaiting: () => {}, dataTimeoutMs: 100 });
    await kit.advance(60_000);
    expect(kit.report).toMatchObject({ ended: 'timeout', durationMs: 100 });
  });

  it('continues a lane that yields to the event loop', async () => {
    const slow = processFunction(Order, { emits: [Sale] }, (order) => {
      for (const until = performance.now() + 2; performance.now() < until; );
      return sale(order);
    });
    await using kit = testMill({ process: slow });
    await kit.push(Order, ...orders(...range(50)));
    expect(kit.results(Sale)).toHaveLength(50);
  });

  it('may read and write one class, as a mill with two brokers may', async () => {
    await using kit = testMill({ process: processFunction(Order, { emits: [Order] }, (order) => order) });
    await kit.push(Order, ...orders(1));
    expect(kit.results(Order)).toEqual([{ time: 1, id: 'o0' }]);
  });
});

describe('a test mill that fails', () => {
  it('rejects the pending call and all later ones with the error of the mill', async () => {
    await using kit = testMill({ process: each });
    await kit.push(Order, ...orders(1));
    const error = await rejection(kit.push(Order, { time: 'x' } as never));
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { stream: 'Order', position: 1, field: 'time' } });
    for (const call of [() => kit.push(Order), () => kit.advance(1), () => kit.end(), () => kit.saveResults('')]) {
      expect(await rejection(call())).toBe(error);
    }
    expect(kit.results(Sale)).toHaveLength(1);
    expect(kit.report).toBeUndefined();
  });

  it('reports elements out of order, and results that cannot be written', async () => {
    await using kit = testMill({ process: sell });
    const error = await rejection(kit.push(Order, ...orders(2, 1)).then(() => kit.push(Price, ...prices(1, 2, 3))));
    expect(error.code).toBe('WM_ORDER_VIOLATED');
    const bad = processFunction(Order, { emits: [Sale] }, () => message(Sale, { id: 'a', amount: Number.NaN }));
    await using other = testMill({ process: bad });
    expect((await rejection(other.push(Order, ...orders(1)))).code).toBe('WM_BAD_RESULT');
  });

  it('reports a failure caused by advancing time', async () => {
    const broken = window(Order, field(Order, 'time'), { onTimeout: () => Number.NaN });
    await using kit = testMill({ process: processFunction(broken, {}, () => {}), pollTimeoutMs: 10 });
    await kit.push(Order, ...orders(1));
    const errors = await Promise.all([rejection(kit.advance(10)), rejection(kit.advance(5))]);
    expect(errors.map(({ code }) => code)).toEqual(['WM_TIMEOUT_KEY_FAILED', 'WM_TIMEOUT_KEY_FAILED']);
  });

  it('throws a failure that no call has reported', async () => {
    const kit = testMill({
      process: processFunction(Order, { inject: [Alarm] }, () => {}),
      container: { resolve: () => Promise.reject(new Error('no alarm')) },
    });
    expect((await rejection(kit.stop())).code).toBe('WM_INJECTION');
    expect((await rejection(kit.end())).code).toBe('WM_INJECTION');
    await kit.stop();
  });
});

describe('a test mill refuses', () => {
  it('a broker, a clock, and missing options', () => {
    const broker = new MemoryMessageBroker();
    for (const wrong of [{ process: sell, broker }, { process: sell, clock: {} }, sell, undefined, { process: 1 }]) {
      expect(() => testMill(wrong as never)).toThrow(WaterMillError);
    }
    const write = 'Write testMill({ process }).';
    expect(thrown(() => testMill(sell as never)).message).toBe(
      `testMill() takes one object of options, found a processFunction. ${write}`,
    );
    expect(
      thrown(() =>
        testMill(
          new WaterMill({
            process: sell,
            joinTree: tree,
            broker: new MemoryMessageBroker([
              [Order, []],
              [Price, []],
            ]),
          }) as never,
        ),
      ).message,
    ).toBe(`testMill() takes one object of options, found an instance of WaterMill. ${write}`);
    expect(thrown(() => testMill({ process: sell, broker } as never)).message).toContain('Leave broker out.');
    expect(thrown(() => testMill({ process: sell, dataTimeoutMs: 0 })).message).toContain(
      "'dataTimeoutMs' of testMill",
    );
    expect(thrown(() => testMill({ process: sell, pollTimeout: 1 } as never)).message).toContain(
      'no option "pollTimeout"',
    );
  });

  it('an unknown class, an invalid time, and a push after the end', async () => {
    await using kit = testMill({ process: sell, joinTree: tree });
    expect((await rejection(kit.push(Sale, { id: 'a', amount: 1 }))).message).toBe(
      'The mill reads no Sale: it reads Order, Price.',
    );
    expect((await rejection(kit.end(Alarm))).code).toBe('WM_PUSH');
    expect((await rejection(kit.push({ id: 'a' } as never))).message).toBe(
      'Expected a class that the mill reads (Order, Price), found { id: "a" }.',
    );
    expect(thrown(() => kit.results(Order))).toMatchObject({
      code: 'WM_TEST_KIT',
      message: 'The mill writes no Order: it writes Sale.',
    });
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5'] as number[]) {
      expect((await rejection(kit.advance(wrong))).code).toBe('WM_TEST_KIT');
    }
    await kit.end(Price);
    expect((await rejection(kit.push(Price, ...prices(1)))).message).toContain('accepts nothing after its end');
    await kit.stop();
    expect(kit.report?.ended).toBe('stopped');
    expect((await rejection(kit.push(Order, ...orders(1)))).message).toContain('the mill was stopped');
  });
});
