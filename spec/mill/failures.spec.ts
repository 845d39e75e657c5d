import {
  AtEnd,
  BadMessage,
  type BrokerLane,
  EndOfStream,
  field,
  Joined,
  joinStreams,
  joinWith,
  message,
  Origin,
  Process,
  processFunction,
  tumblingWindow,
  Unmatched,
  WaterMill,
  WaterMillError,
  window,
} from 'watermill';
import { liveProgress } from '../../lib/mill/report/live.js';
import { type MillView, viewOf } from '../../lib/mill/report/mill-view.js';
import { settled, until, VirtualClock } from '../support/virtual-clock.js';
import { Alarm, LateOrder, Next, Order, orders, Price, prices, range, Sale, sell, tree } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);
const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

describe('an element out of order', () => {
  it('fails with everything needed to find it; earlier results are written and committed', async () => {
    const broker = new ScriptedBroker([
      [Order, orders(0, 1, 2, 3)],
      [Price, [...prices(0, 1, 3), ...prices(2)]],
    ]);
    const error = await rejection(new WaterMill({ process: sell, broker }).run());
    expect(error).toMatchObject({
      code: 'WM_ORDER_VIOLATED',
      details: { message: 'Price', stream: 'stream-1', position: 3, expression: 'Price.time', before: '3', key: '2' },
    });
    expect(error.message).toBe(
      'Price at position 3 of stream-1: the key Price.time is 2, after 3 before it, but keys must not decrease along a ' +
        'stream. Sort stream-1 by Price.time, or let the mill skip such elements or put them in order: ' +
        "inputs: [[Price, { order: 'skip' }]] or { order: { slack: … } }.",
    );
    expect(ids(broker)).toEqual(['o0', 'o1']);
    expect(JSON.parse(broker.commits.get('0')!).lane.nodes.map(({ from }: { from: number }) => from)).toEqual([3, 2]);
  });

  it.each([
    [null, 'is null, expected a finite number'],
    [Number.NaN, 'is NaN, expected a finite number'],
    [undefined, 'is undefined, expected a finite number'],
  ])('a key that is %p is an error of the same kind', async (key, words) => {
    const process = processFunction(
      tumblingWindow(Order, (order) => (order.time === 2 ? (key as number) : order.time), { size: 10 }),
      {},
      () => {},
    );
    const error = await rejection(
      new WaterMill({ process, broker: new ScriptedBroker([[Order, orders(1, 2)]]) }).run(),
    );
    expect(error).toMatchObject({ code: 'WM_INVALID_KEY', details: { position: 1 } });
    expect(error.message).toMatch(
      /^Order at position 1 of stream-0: the key function \(order\) ?=> ?order\.time .* \(tumblingWindow\(Order\): the key\) is /,
    );
    expect(error.message).toContain(`(tumblingWindow(Order): the key) ${words}`);
  });

  it.each([
    ['a', { size: 10 }, 'is "a" (string), expected a number or a Date, as distances need'],
    [
      1n,
      { size: 10 },
      'is 1n (bigint), expected a number or a Date, as distances need, or distances that are bigints too, such as 100n.',
    ],
    [1, { size: 10n }, 'is 1 (number), expected a bigint, as its distances are'],
  ] as [key: any, options: any, words: string][])(
    'so is %p where it is to be moved by %p',
    async (key, options, words) => {
      const ordersOnce = new ScriptedBroker([[Order, orders(1)]]);
      const process = processFunction(
        tumblingWindow(Order, () => key, options),
        {},
        () => {},
      );
      const error = await rejection(new WaterMill({ process, broker: ordersOnce }).run());
      expect(error).toMatchObject({ code: 'WM_INVALID_KEY', details: { position: 0 } });
      expect(error.message).toMatch(
        /^Order at position 0 of stream-0: the key function \(\) ?=> ?key \(tumblingWindow\(Order\): the key\) is /,
      );
      expect(error.message).toContain(words);
    },
  );

  it('names a long function by its name, or shows how it begins', async () => {
    const named = function keyOf(order: Order): number {
      const sum = order.time + order.time * 2 + order.time * 3 + order.time * 4;
      return sum > 0 ? Number.NaN : sum;
    };
    const keys = [
      named,
      (order: Order) => (order.time + order.time * 2 + order.time * 3 + order.time * 4 > 0 ? Number.NaN : 0),
    ];
    const messages = keys.map(async (key) => {
      const process = processFunction(tumblingWindow(Order, key, { size: 10 }), {}, () => {});
      const broker = new ScriptedBroker([[Order, orders(1)]]);
      return (await rejection(new WaterMill({ process, broker }).run())).message;
    });
    expect(await messages[0]).toMatch('the key function keyOf (tumblingWindow(Order): the key) is NaN');
    expect(await messages[1]).toMatch(/the key function \(order\) ?=>.*… \(tumblingWindow\(Order\): the key\) is NaN/);
  });

  it.each([
    ['an interval', { within: [0, 5] }],
    ['a tolerance', { asOf: 'backward', tolerance: 5 }],
  ])('so is a string that an offset is added to by %s', async (_, options) => {
    const tree = joinStreams(Order, joinWith(Price, { left: () => 'a', right: () => 'a', ...options } as any));
    const broker = new ScriptedBroker([
      [Order, orders(1)],
      [Price, prices(1)],
    ]);
    const error = await rejection(new WaterMill({ process: processFunction(tree as any, {}, () => {}), broker }).run());
    expect(error.message).toContain('is "a" (string), expected a number or a Date');
  });

  it('a string under slack is late', async () => {
    const process = processFunction(
      window(Order, () => 'a'),
      {},
      () => {},
    );
    const inputs = [[Order, { order: { slack: 1, by: () => 'a', late: LateOrder } }]] as any;
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    await new WaterMill({ process, broker, inputs }).run();
    expect(broker.written(LateOrder)).toHaveLength(1);
  });

  it('a key expression that throws names the stream', async () => {
    const process = processFunction(
      tumblingWindow(Order, (order) => (order as unknown as { at: Date }).at.getTime(), { size: 10 }),
      {},
      () => {},
    );
    const error = await rejection(new WaterMill({ process, broker: new ScriptedBroker([[Order, orders(1)]]) }).run());
    expect(error).toMatchObject({ code: 'WM_KEY_FAILED', details: { stream: 'stream-0' } });
  });

  it('is written to the late output, as the class of that output', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 5, 2, 6)]]);
    const report = await new WaterMill({
      process: processFunction(
        tumblingWindow(Order, field(Order, 'time'), { size: 100 }),
        { emits: [Sale] },
        (members) => message(Sale, { id: members.map(({ id }) => id).join('+'), amount: 0 }),
      ),
      broker,
      inputs: [[Order, { order: { skip: true, late: LateOrder } }]],
    }).run();
    expect(ids(broker)).toEqual(['o0+o1+o3']);
    expect(broker.written(LateOrder)).toEqual([message(LateOrder, { time: 2, id: 'o2' })]);
    expect(broker.written(LateOrder)[0]).toBeInstanceOf(LateOrder);
    expect(report.nodes[0]).toMatchObject({ read: 4, late: 1 });
  });
});

describe('a process function that throws', () => {
  const failing = (onError?: object | string) =>
    processFunction(Order, { emits: [Sale], ...(onError && { onError }) } as object, function* ({ id, time }): any {
      yield message(Sale, { id, amount: 0 });
      if (time === 2) throw new Error('no stock');
    });
  const broker = () => new ScriptedBroker([[Order, orders(0, 1, 2, 3)]]);

  it('fails by default with method, stream, position and cause; nothing of that call is written', async () => {
    class Seller {
      @Process({ emits: [Sale] })
      async sell({ id, time }: Order) {
        if (time === 2) throw new Error('no stock');
        return message(Sale, { id, amount: 0 });
      }
    }
    const target = broker();
    target.partial = 'out/sale.json.partial';
    const error = await rejection(new WaterMill({ process: new Seller(), broker: target }).run());
    expect(error).toMatchObject({
      code: 'WM_PROCESS_FAILED',
      cause: new Error('no stock'),
      details: { message: 'Order', stream: 'stream-0', position: 2, partialResults: 'out/sale.json.partial' },
    });
    expect(error.message).toBe(
      "Seller.sell failed on Order at position 2 of stream-0: no stock. No position moves past it: fix the cause and run again, or set onError: 'skip' or { deadLetter } in the process's options. " +
        'The results so far are in out/sale.json.partial.',
    );
    expect(ids(target)).toEqual(['o0', 'o1']);
    expect(target.open).toBe(0);
  });

  it('skip: the call is counted, none of its results is written, and the run continues', async () => {
    const target = broker();
    const logger = new RecordingLogger();
    const report = await new WaterMill({ process: failing('skip'), broker: target, logger }).run();
    expect(ids(target)).toEqual(['o0', 'o1', 'o3']);
    expect(report).toMatchObject({ calls: 4, failedCalls: 1 });
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text)).toEqual([
      "The process function failed on Order at position 2 of stream-0: no stock. The call is skipped, with all its results (onError: 'skip').",
    ]);
  });

  it('deadLetter: the element and its error are written instead', async () => {
    const target = broker();
    const logger = new RecordingLogger();
    await new WaterMill({ process: failing({ deadLetter: BadMessage }), broker: target, logger }).run();
    expect(ids(target)).toEqual(['o0', 'o1', 'o3']);
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text)).toEqual([
      'The process function failed on Order at position 2 of stream-0: no stock. A dead letter is written to BadMessage instead of its results.',
    ]);
    expect(target.written(BadMessage)).toEqual([
      message(BadMessage, { stream: 'stream-0', position: 2, raw: '{"time":2,"id":"o2"}', error: 'no stock' }),
    ]);
  });

  it.each([
    ['the process function', [1], 'Desk.sell', 'Order at position 0 of stream-0'],
    ['an unmatched method', [0, 1], 'Desk.lonely', 'Price at position 0 of stream-1'],
    ['the method at the end', [], 'Desk.close', 'when the streams had ended'],
  ] as const)('in %s: the error names that method', async (_, times, method, place) => {
    for (const concurrency of [1, 4]) {
      for (const wrong of [new Error('no stock'), message(Alarm, { text: 'x' })]) {
        const given = (name: string): unknown => {
          if (name !== method) return undefined;
          if (wrong instanceof Error) throw wrong;
          return wrong;
        };
        class Desk {
          @Process(tree, { emits: [Sale], concurrency })
          sell(_order: Order, _prices: Joined<Order, Price>): any {
            return given('Desk.sell');
          }
          @Unmatched() lonely(_price: Price): any {
            return given('Desk.lonely');
          }
          @AtEnd() close(): any {
            return given('Desk.close');
          }
        }
        const broker = new ScriptedBroker([
          [Order, orders(1)],
          [Price, prices(...times)],
        ]);
        const error = await rejection(new WaterMill({ process: new Desk(), broker }).run());
        const verb = wrong instanceof Error ? 'failed' : 'returned';
        expect(error.message).toMatch(`${method} ${verb}`);
        expect(error.message).toMatch(place);
        expect(error.message.match(/Desk\.\w+/g)).toEqual([method]);
        expect(error.details.process).toBe(method);
      }
    }
  });

  it('an undeclared result class fails, whatever onError says', async () => {
    const process = processFunction(
      Order,
      { emits: [Sale], onError: 'skip' },
      () => message(Alarm, { text: 'x' }) as never,
    );
    const error = await rejection(new WaterMill({ process, broker: broker() }).run());
    expect(error.code).toBe('WM_RESULT');
  });
});

describe('a message that cannot be read', () => {
  const bad = { time: 'two', id: 'o2' };
  const values = [...orders(0, 1), bad, ...orders(3)];

  it('fails when the join reaches it; earlier results are written and committed', async () => {
    const broker = new ScriptedBroker([[Order, values]]);
    const error = await rejection(new WaterMill({ process: copy, broker }).run());
    expect(error).toMatchObject({
      code: 'WM_BAD_MESSAGE',
      details: { stream: 'stream-0', position: 2, field: 'time' },
    });
    expect(ids(broker)).toEqual(['o0', 'o1']);
    expect(JSON.parse(broker.commits.get('0')!).lane.nodes[0].from).toBe(2);
  });

  it('after an early end is not reported', async () => {
    const broker = new ScriptedBroker(
      [
        [Order, [...orders(0, 1, 2), bad]],
        [Price, prices(0)],
      ],
      { batchSize: 10 },
    );
    expect(await new WaterMill({ process: sell, broker }).run()).toMatchObject({ ended: 'no further match' });
  });

  it('is not reported while another stream may make it unnecessary', async () => {
    const live = new ScriptedStream(prices(0), true);
    const broker = new ScriptedBroker([
      [Order, [...orders(0, 1), bad]],
      [Price, live],
    ]);
    const run = new WaterMill({ process: sell, broker }).run();
    live.end();
    expect((await run).ended).toBe('no further match');
  });

  it('skip: it is counted, and the run continues', async () => {
    const broker = new ScriptedBroker([[Order, values]]);
    const report = await new WaterMill({ process: copy, broker, inputs: [[Order, { onBadMessage: 'skip' }]] }).run();
    expect(broker.written(Sale).map(({ amount }) => amount)).toEqual([0, 1, 3]);
    expect(report.nodes[0]).toMatchObject({ read: 3, bad: 1 });
  });

  it.each([1, 2, 3, 10])('deadLetter: it is written once, also over restarts (batches of %d)', async (batchSize) => {
    const many = range(30).map((i) => (i % 4 === 1 ? { time: 'x', id: `bad${i}` } : { time: i, id: `o${i}` }));
    const letters = (broker: ScriptedBroker) => broker.written(BadMessage).map(({ position }) => position);
    const mill = (broker: ScriptedBroker) =>
      new WaterMill({
        process: copy,
        broker,
        commitEvery: { elements: 3 },
        inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]],
      });
    const undisturbed = new ScriptedBroker([[Order, many]], { batchSize });
    await mill(undisturbed).run();
    expect(letters(undisturbed)).toEqual(range(30).filter((i) => i % 4 === 1));
    expect(undisturbed.written(BadMessage)[0]).toMatchObject({ raw: '{"time":"x","id":"bad1"}', stream: 'stream-0' });
    for (let k = 1; k <= undisturbed.calls.length; k++) {
      const broker = new ScriptedBroker([[Order, many]], { batchSize });
      let calls = 0;
      broker.onCall = () => {
        if (++calls >= k) throw new Error('crash');
      };
      await mill(broker)
        .run()
        .catch(() => {});
      broker.onCall = () => {};
      await mill(broker).run();
      expect({ k, letters: letters(broker) }).toEqual({ k, letters: letters(undisturbed) });
      expect(ids(broker)).toEqual(ids(undisturbed));
    }
  });
});

describe('a broker that fails', () => {
  it.each([
    ['connect', 'ScriptedBroker failed while connecting: disk full.'],
    ['openWriter', 'ScriptedBroker failed while opening the outputs: disk full.'],
    ['openReader', 'ScriptedBroker failed while opening stream-0: disk full.'],
    ['read', 'ScriptedBroker failed while reading stream-0: disk full.'],
    ['write', 'ScriptedBroker failed while writing results: disk full.'],
    ['flush', 'ScriptedBroker failed while making results durable: disk full.'],
    ['commit', 'ScriptedBroker failed while committing positions: disk full.'],
    ['end', 'ScriptedBroker failed while ending the outputs: disk full.'],
    ['publish', 'ScriptedBroker failed while making the results final: disk full.'],
    ['reader.close', 'ScriptedBroker failed while closing: disk full.'],
    ['connection.close', 'ScriptedBroker failed while closing: disk full.'],
  ])('in %s: the error says so, and everything that was opened is closed', async (call, sentence) => {
    const broker = new ScriptedBroker([[Order, orders(1, 2, 3, 4)]]);
    broker.onCall = (name) => {
      if (name === call) throw new Error('disk full');
    };
    const error = await rejection(new WaterMill({ process: copy, broker }).run());
    expect(error).toMatchObject({ code: 'WM_BROKER_FAILED', message: sentence, cause: new Error('disk full') });
    expect(broker.open).toBe(0);
  });

  it('with its own message is not wrapped, and an error in close() does not hide it', async () => {
    const own = new WaterMillError('WM_FILE_BROKEN', 'Expected , at byte 7.');
    const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]]);
    broker.streams.get(Order)!.fail(own);
    broker.onCall = (name) => {
      if (name.endsWith('close')) throw new Error('close failed');
    };
    const error = await rejection(new WaterMill({ process: copy, broker }).run());
    expect(error.message).toBe(own.message);
    expect(error.code).toBe('WM_FILE_BROKEN');
    expect(ids(broker)).toEqual(['o0']);
  });

  it('commits nothing after a failed write', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(20))]]);
    let writes = 0;
    broker.onCall = (name) => {
      if (name === 'write' && ++writes === 2) throw new Error('disk full');
    };
    await rejection(new WaterMill({ process: copy, broker, clock: new VirtualClock() }).run());
    expect(broker.calls).not.toContain('commit');
  });

  it('closes in reverse order of opening', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const disposed: string[] = [];
    class Copier {
      @Process({ emits: [] })
      copy(_order: Order): void {}
      [Symbol.asyncDispose]() {
        disposed.push(...broker.calls.filter((call) => call.endsWith('close')));
      }
    }
    await new WaterMill({ process: Copier, broker, container: { resolve: (C) => new C() } }).run();
    expect(disposed).toEqual(['reader.close', 'writer.close', 'connection.close']);
  });
});

describe('a commit that the broker cannot keep', () => {
  const check = (text: string): void => {
    if (JSON.parse(text).lane.nodes[0].from > 10) throw new WaterMillError('WM_COMMIT_TOO_LARGE', 'too large', {});
  };

  it('is refused before the results that it covers are written; earlier ones are written and committed', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(20))]], { check });
    const mill = new WaterMill({ process: copy, broker, clock: new VirtualClock() });
    expect(await rejection(mill.run())).toMatchObject({ code: 'WM_COMMIT_TOO_LARGE' });
    expect(ids(broker)).toEqual(range(9).map((i) => `o${i}`));
    expect(JSON.parse(broker.commits.get('0')!).lane.nodes[0].from).toBe(9);
    expect(broker.sink()).toMatchObject({ ended: 0, published: 0 });
  });

  it('is refused at the start if even the first one cannot be stored', async () => {
    const refuse = (): void => {
      throw new WaterMillError('WM_COMMIT_TOO_LARGE', 'too large', {});
    };
    const broker = new ScriptedBroker([[Order, orders(1)]], { check: refuse });
    const error = await rejection(new WaterMill({ process: copy, broker }).run());
    expect(error).toMatchObject({ code: 'WM_COMMIT_TOO_LARGE' });
    expect(broker.calls).not.toContain('read');
    expect(broker.open).toBe(0);
  });
});

const byTime = { left: field(Order, 'time'), right: field(Price, 'time') };
const long = Array.from({ length: 60 }).reduce<any>((key) => key.plus(1).times(1), field(Order, 'time'));

describe('progress of an earlier run', () => {
  it('with another plan is refused with the change and the remedy', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    await new WaterMill({ process: copy, broker }).run();
    const process = processFunction(window(Order, field(Order, 'time')), {}, () => {});
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.code).toBe('WM_PLAN_CHANGED');
    expect(error.message).toContain(
      'in lane 0: window is new (adjacent elements with equal Order.time; closes when another key comes). Positions fit',
    );
    expect(error.details).toMatchObject({ found: JSON.parse(broker.commits.get('0')!).plan });
    expect(error.message).toContain('use another group');
  });

  it.each<[string, any, any, string]>([
    ['a kind', joinWith(Price, byTime), joinWith(Price, { ...byTime, kind: 'left' }), 'Order to Price was inner, '],
    [
      'keys',
      joinWith(Price, byTime),
      joinWith(Price, { ...byTime, left: field(Order, 'time').plus(1) }),
      'Order.time + 1',
    ],
    [
      'a node',
      joinWith(Price, byTime),
      joinWith(Next, { left: field(Order, 'time'), right: field(Next, 'time') }),
      'Order to Price is no longer there; Price is no longer there; ',
    ],
    ['a long key', joinWith(Price, byTime), joinWith(Price, { ...byTime, left: long }), 'Order to Price has changed'],
  ])('of a plan with changed %s names the change', async (_, before, now, text) => {
    const broker = new ScriptedBroker([
      [Order, orders(1)],
      [Price, prices(1)],
      [Next, orders(1)],
    ]);
    const mill = (edge: any) =>
      new WaterMill({ process: processFunction(joinStreams(Order, edge), {}, () => {}), broker });
    if (text.endsWith('has changed')) await mill(joinWith(Price, { ...byTime, left: long.plus(1) })).run();
    else await mill(before).run();
    expect((await rejection(mill(now).run())).message).toContain(text);
    expect(broker.commits.get('0')!.length).toBeLessThan(1_000);
  });

  it('with another plan is dropped if the mill may start over', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]]);
    await new WaterMill({ process: copy, broker }).run();
    const process = processFunction(window(Order, field(Order, 'time')), { emits: [Sale] }, ([order]) =>
      message(Sale, { id: `window ${order?.id}`, amount: 0 }),
    );
    const logger = new RecordingLogger();
    const report = await new WaterMill({ process, broker, logger, onPlanChange: 'restart' }).run();
    expect(report).toMatchObject({ ended: 'master ended', calls: 2 });
    expect(broker.written(Sale).map(({ id }) => id)).toEqual(['window o0', 'window o1']);
    expect(broker.calls.filter((call) => call === 'restart')).toHaveLength(1);
    const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(warnings).toEqual(['Lane 0 starts over: its plan changed']);
    const again = await new WaterMill({ process, broker, onPlanChange: 'restart' }).run();
    expect(again).toMatchObject({ ended: 'already ended', calls: 0 });
  });

  const earlier = '{"version":1,"plan":"0","lane":{},"marks":[],"letters":[]}';

  it.each(['', 'nonsense', '{}', '{"version":2}', earlier, 'null'])(
    'that cannot be read is refused: %j',
    async (text) => {
      const broker = new ScriptedBroker([[Order, orders(1)]]);
      broker.commits.set('0', text);
      const error = await rejection(new WaterMill({ process: copy, broker }).run());
      expect(error.code).toBe('WM_COMMIT_UNREADABLE');
      expect(broker.open).toBe(0);
    },
  );
});

describe('several lanes', () => {
  it('run side by side, and are one in the report', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]], { lanes: ['a', 'b'], isAsync: true });
    const report = await new WaterMill({ process: copy, broker }).run();
    expect(broker.written(Sale, 'a')).toHaveLength(2);
    expect(broker.written(Sale, 'b')).toHaveLength(2);
    expect(report).toMatchObject({ calls: 4, emitted: [{ count: 4 }] });
    expect(report.nodes[0]).toMatchObject({ read: 4, position: undefined });
  });

  it('were stopped if one of them was, also if another one had ended', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(30))]], { lanes: ['a', 'b'], isAsync: true });
    const process = processFunction(Order, { emits: [Sale], inject: [Origin] }, async ({ time }, { partition }) => {
      if (partition === 'b') return new EndOfStream();
      if (time === 4) await until(() => broker.sink('b').ended === 1);
      if (time === 5) void mill.stop();
      return undefined;
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    expect(await mill.run()).toMatchObject({ ended: 'stopped', because: undefined });
    expect(broker.sink('a').ended).toBe(0);
  });

  it('stop soon when one of them fails, and commit', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(30))]], { lanes: ['a', 'b'], isAsync: true });
    let calls = 0;
    const process = processFunction(Order, { emits: [Sale] }, async ({ id, time }) => {
      if (++calls === 10) throw new Error('no stock');
      return message(Sale, { id, amount: time });
    });
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.code).toBe('WM_PROCESS_FAILED');
    expect(calls).toBeLessThan(20);
    expect([...broker.commits.keys()].sort()).toEqual(['a', 'b']);
    await new WaterMill({ process: copy, broker }).run();
    for (const lane of ['a', 'b']) expect(broker.written(Sale, lane).map(({ amount }) => amount)).toEqual(range(30));
  });

  it('are reported as ended in an earlier run only if all of them are', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]], { lanes: ['a', 'b'] });
    const endOf = (ending: string) => {
      const process = processFunction(Order, { inject: [Origin] }, (_, { partition }) => {
        if (partition === 'a' && ending === 'b') throw new Error('not now');
        return partition === ending ? new EndOfStream() : undefined;
      });
      return new WaterMill({ process, broker, onLaneFailure: 'goOn' });
    };
    await rejection(endOf('b').run());
    const { connect } = broker;
    broker.connect = async (request) => {
      const connection = await connect.call(broker, request);
      async function* lanes() {
        for (const lane of connection.lanes() as Iterable<BrokerLane>) {
          if (lane.name === 'b') await until(() => mill.progress().calls === 2);
          yield lane;
        }
      }
      return { ...connection, lanes };
    };
    const mill = endOf('none');
    expect(await mill.run()).toMatchObject({ ended: 'master ended', because: 'Order', calls: 2 });
    expect(await endOf('none').run()).toMatchObject({ ended: 'already ended', calls: 0 });
  });

  it('continue when one fails, if the mill is configured so, and the run fails at their end', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(30))]], { lanes: ['a', 'b', 'c'], isAsync: true });
    const logger = new RecordingLogger();
    let lanesMidway: number | undefined;
    const process = processFunction(Order, { emits: [Sale], inject: [Origin] }, ({ id, time }, { partition }) => {
      if (partition === 'b' && time === 5) throw new Error('no stock');
      if (time === 20) lanesMidway ??= liveProgress(viewOf(mill) as MillView).lanes;
      return message(Sale, { id, amount: time });
    });
    const mill = new WaterMill({ process, broker, logger, onLaneFailure: 'goOn' });
    const error = await rejection(mill.run());
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED', details: { position: 5 } });
    expect(mill.health()).toMatchObject({ healthy: false });
    expect(lanesMidway).toBe(2);
    expect(logger.lines.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual([
      'A lane has failed; the others continue',
    ]);
    for (const [lane, count] of [['a', 30] as const, ['b', 5] as const, ['c', 30] as const]) {
      expect(broker.written(Sale, lane)).toHaveLength(count);
      expect(broker.sink(lane).ended).toBe(count === 30 ? 1 : 0);
    }
    expect(broker.open).toBe(0);
  });

  it('continue when one fails and turns out to belong to another process by then', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(30))]], { lanes: ['a', 'b'], isAsync: true });
    const connect = broker.connect.bind(broker);
    broker.connect = async (request) => {
      const connection = await connect(request);
      const lanes = () =>
        [...(connection.lanes() as Iterable<BrokerLane>)].map((lane) => (lane.name === 'a' ? taken(lane) : lane));
      return Object.assign(Object.create(connection), { lanes });
    };
    const taken = (lane: BrokerLane): BrokerLane => {
      const loss = new AbortController();
      const commit = () => {
        loss.abort();
        return Promise.reject(new Error('fenced'));
      };
      return { ...lane, revoked: loss.signal, lost: loss.signal, commit };
    };
    const logger = new RecordingLogger();
    const process = processFunction(Order, { emits: [Sale], inject: [Origin] }, async ({ id, time }, { partition }) => {
      if (partition === 'a' && time === 5) throw new Error('no stock');
      return message(Sale, { id, amount: time });
    });
    expect(await new WaterMill({ process, broker, logger }).run()).toMatchObject({ ended: 'master ended' });
    expect(broker.written(Sale, 'b')).toHaveLength(30);
    expect([broker.sink('a').ended, broker.sink('b').ended]).toEqual([0, 1]);
    expect(logger.lines.find(({ level, text }) => level === 'warn' && text.startsWith('A lane failed'))).toMatchObject({
      fields: { err: { code: 'WM_PROCESS_FAILED' } },
    });
  });

  it.each(['stop', 'goOn'] as const)(
    'end if one cannot be released and the broker waits for it: %s',
    async (option) => {
      const broker = new ScriptedBroker([[Order, orders(1, 2)]], { lanes: ['a'] });
      const connect = broker.connect.bind(broker);
      let isStopped = false;
      broker.connect = async (request) => {
        const connection = await connect(request);
        async function* lanes() {
          for (const lane of connection.lanes() as Iterable<BrokerLane>) {
            yield { ...lane, release: () => Promise.reject(new Error('network down')) };
          }
          // Until all lanes are released: one of them never is.
          for (let i = 0; i < 100 && !request.signal.aborted; i++) await settled();
          isStopped = request.signal.aborted;
        }
        return Object.assign(Object.create(connection), { lanes });
      };
      const error = await rejection(new WaterMill({ process: copy, broker, onLaneFailure: option }).run());
      expect(error).toMatchObject({
        code: 'WM_BROKER_FAILED',
        message: 'ScriptedBroker failed while releasing a lane: network down.',
      });
      expect(isStopped).toBe(true);
      expect(broker.written(Sale, 'a')).toHaveLength(2);
      expect(broker.open).toBe(0);
    },
  );

  it('attach later failures to the first one', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]], { lanes: ['a', 'b'] });
    broker.onCall = (name) => {
      if (name === 'read' || name === 'flush') throw new Error('disk full');
    };
    const error = await rejection(new WaterMill({ process: copy, broker }).run());
    expect(error.message).toContain('reading');
    expect(error.details.errors).toEqual([expect.objectContaining({ code: 'WM_BROKER_FAILED' })]);
  });
});
