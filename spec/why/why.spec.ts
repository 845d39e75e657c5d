import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  alias,
  type Broker,
  CustomMessageBroker,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { record, replay } from 'watermill/testing';
import { Alarm, Next, Order, orders, Price, prices, sell, Third } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const key = { left: field(Order, 'time'), right: field(Price, 'time') };
const silent = (tree: object): object => processFunction(tree as never, {}, (() => {}) as never);
const millOf = (tree: object, entries: readonly (readonly [unknown, unknown])[], options: object = {}): WaterMill =>
  new WaterMill({ process: silent(tree), broker: new MemoryMessageBroker(entries as never), ...options } as never);

const entries = [
  [Order, orders(1, 2, 4, 5)],
  [Price, prices(1, 3, 4, 4)],
] as const;

describe('why', () => {
  it('names the edge on which an element was passed over, and the keys of both sides', async () => {
    const mill = millOf(joinStreams(Order, joinWith(Price, key)), entries);
    const why = await mill.why(Price, 1);
    expect(JSON.parse(JSON.stringify(why))).toEqual({
      message: 'Price',
      stream: 'Price',
      count: 1,
      elements: [
        {
          message: 'Price',
          position: 1,
          lane: '0',
          calls: [],
          reason: 'passed over',
          sentence:
            'No Order matches it: Order.time = Price.time, its key is 3; the keys next to it are 2 (Order 1) and 4 (Order 2).',
          edge: {
            parent: 'Order',
            child: 'Price',
            condition: 'Order.time = Price.time',
            key: '3',
            below: { message: 'Order', position: 1, key: '2' },
            above: { message: 'Order', position: 2, key: '4' },
            others: 0,
          },
        },
      ],
    });
    expect(String(await mill.why(Order, 1))).toBe(
      'Order 1: No Price matches it: Order.time = Price.time, its key is 2; the keys next to it are 1 (Price 0) and 3 (Price 1).',
    );
  });

  it('names the calls with an element, before, while and after the mill runs', async () => {
    const mill = millOf(joinStreams(Order, joinWith(Price, key)), entries);
    const said = async () => [String(await mill.why(Price, 3)), String(await mill.why(Order, 2))];
    const before = await said();
    expect(before).toEqual([
      'Price 3: It is passed to the call for Order 2.',
      'Order 2: It is passed to the call for Order 2.',
    ]);
    const running = mill.run();
    expect(await said()).toEqual(before);
    expect(await running).toMatchObject({ calls: 2 });
    expect(await said()).toEqual(before);
  });

  it('accepts a function, reports the first elements and counts all', async () => {
    const mill = millOf(joinStreams(Order, joinWith(Price, key)), entries);
    const why = await mill.why(Order, ({ time }) => time > 1, { most: 2 });
    expect(why).toMatchObject({
      count: 3,
      elements: [
        { position: 1, reason: 'no match' },
        { position: 2, reason: 'called' },
      ],
    });
    expect(String(why)).toMatch(/^Order 1: .*\nOrder 2: .*\n… and 1 more$/);
    expect(String(await mill.why(Order, () => false))).toBe('No element of Order (Order) is selected.');
  });

  it('follows the chain of a tree: the failed edge, and its cause', async () => {
    const nested = joinStreams(
      Order,
      joinWith(joinStreams(Next, joinWith(Price, { left: field(Next, 'time'), right: field(Price, 'time') })), {
        left: field(Order, 'time').plus(1),
        right: field(Next, 'time'),
      }),
      joinWith(Third, { left: field(Order, 'time'), right: field(Third, 'time'), kind: 'anti' }),
    );
    const mill = millOf(nested, [
      [Order, orders(1, 5, 8)],
      [Next, orders(2, 6, 9)],
      [Price, prices(2, 9)],
      [Third, orders(8)],
    ]);
    const said = async (message: any, at: number) => String(await mill.why(message, at));
    expect(await said(Order, 1)).toBe(
      'Order 1: No Next matches it: Order.time + 1 = Next.time, its key is 6; 1 Next with this key have no match themselves.',
    );
    expect(await said(Next, 1)).toBe(
      'Next 1: No Price matches it: Next.time = Price.time, its key is 6; the keys next to it are 2 (Price 0) and 9 (Price 1).',
    );
    expect(await said(Order, 2)).toBe('Order 2: Third 0 excludes it: Order.time = Third.time, and the edge is anti.');
    expect(await said(Third, 0)).toBe('Third 0: It excludes Order 2: the edge is anti.');
    expect((await said(Price, 1)).split('\n')).toEqual([
      'Price 1: It belongs to Next 2, which has no call:',
      '  Next 2: It belongs to Order 2, which has no call:',
      '    Order 2: Third 0 excludes it: Order.time = Third.time, and the edge is anti.',
    ]);
  });

  it('supports as-of and semi edges, and windows', async () => {
    const latest = joinStreams(Order, joinWith(Price, { ...key, asOf: 'backward' }));
    expect(
      String(
        await millOf(latest, [
          [Order, orders(5)],
          [Price, prices(1, 3)],
        ]).why(Price, 0),
      ),
    ).toBe('Price 0: Order 0 takes Price 1, whose key is 3: the edge is asOf backward.');
    const semi = millOf(joinStreams(Order, joinWith(Price, { ...key, kind: 'semi' })), entries);
    expect(String(await semi.why(Price, 0))).toBe(
      'Price 0: It lets Order 0 through: the edge is semi, and passes nothing to calls.',
    );
    const windows = millOf(tumblingWindow(Order, field(Order, 'time'), { size: 4 }), [entries[0]]);
    expect(String(await windows.why(Order, 1))).toBe('Order 1: It is passed to the call for Order 0 to 1.');
  });

  it('reports bad, late and unordered elements, and those after an early end', async () => {
    const tree = joinStreams(Order, joinWith(Price, key));
    const bad = millOf(
      tree,
      [
        [
          Order,
          [
            { time: 1, id: 'a' },
            { time: 'x', id: 'b' },
          ],
        ],
        entries[1],
      ],
      {
        inputs: [[Order, { onBadMessage: 'skip' }]],
      },
    );
    expect(String(await bad.why(Order, 1))).toMatch(/^Order 1: It is not an element of Order: .*time.*"x"/);
    const unordered = [[Order, orders(1, 4, 2, 6)], entries[1]] as const;
    const late = millOf(tree, unordered, { inputs: [[Order, { order: 'skip' }]] });
    expect(String(await late.why(Order, 2))).toBe('Order 2: It is late: its key Order.time is 2, after 4 of Order 1.');
    const failing = millOf(tree, unordered);
    expect(String(await failing.why(Order, 2))).toBe(
      'Order 2: The run fails here: the key Order.time is 2, after 4 before it.',
    );
    expect(String(await failing.why(Order, 3))).toMatch(
      /^Order 3: The run fails before it reaches this one: at Order 2/,
    );
    const good = { time: 1, id: 'a' };
    const unread = millOf(tree, [
      [Order, [good, { time: 'x', id: 'b' }, { time: 4, id: 'c' }]],
      [Price, prices(1, 4)],
    ]);
    expect(String(await unread.why(Order, 0))).toBe('Order 0: It is passed to the call for Order 0.');
    expect(String(await unread.why(Order, 1))).toMatch(
      /^Order 1: It is not an element of Order: .*"x"\. The run fails here\.$/,
    );
    const { elements } = await unread.why(Order, 2);
    expect(elements).toMatchObject([{ reason: 'not read', calls: [] }]);
    const failed = 'The run fails before it reaches this one: at Order 1, which is not an element of its class.';
    expect(String(await unread.why(Order, 2))).toBe(`Order 2: ${failed}`);
    // Nobody knows whether an Order would match it.
    expect(String(await unread.why(Price, 1))).toBe(`Price 1: ${failed}`);
    const unneeded = millOf(tree, [
      [Order, orders(1, 9, 9)],
      [Price, [...prices(1, 10), { time: 'x', amount: 1 }]],
    ]);
    expect(String(await unneeded.why(Order, 2))).toMatch(/^Order 2: No Price matches it/);
    await expect(unneeded.run()).resolves.toMatchObject({ calls: 1 });
    const early = millOf(tree, [
      [Order, orders(1, 9, 9, 10)],
      [Price, prices(1)],
    ]);
    expect(String(await early.why(Order, 3))).toBe(
      'Order 3: It is not read: the run ends early, since Price has no element left that could match.',
    );
  });

  it('names the element, and the slack, that make one late; and a key that cannot be compared', async () => {
    const Cost = alias(Price, 'Cost');
    const reason = async (position: number, times: readonly number[], options: object, tree: object = alone) => {
      const { elements } = await millOf(tree, [[Order, orders(...times)], entries[1], [Cost, []]], {
        inputs: [[Order, options]],
      }).why(Order, position);
      return [elements[0]?.reason, elements[0]?.sentence];
    };
    const alone = joinStreams(Order, joinWith(Price, { ...key, kind: 'left' }));
    const times = [1, 4, 9, 8, 6, 7, 20];
    // 8 is higher, too, but the slack allows for that.
    expect(await reason(4, times, { order: { slack: 2 } })).toEqual([
      'late',
      'It is late: its key Order.time is 6, more than the slack of 2 below 9 of Order 2.',
    ]);
    // 9 is late itself, by another key.
    const twoKeys = joinStreams(
      Order,
      joinWith(Price, { ...key, kind: 'left' }),
      joinWith(Cost, {
        left: ({ time }: Order) => (time === 4 ? 'four' : time === 6 ? Number.NaN : time === 20 ? 200 : 100 - time),
        right: field(Price, 'time') as never,
        kind: 'left',
      }),
    );
    const by = { order: { slack: 2, by: field(Order, 'time') } };
    expect((await reason(2, times, by, twoKeys))[1]).toMatch(/^It is late: .* is 91, after 99 of Order 0\.$/);
    expect((await reason(1, times, by, twoKeys))[1]).toMatch(
      /^It is late: .* is "four", which cannot be compared with 99 of Order 0\.$/,
    );
    expect((await reason(4, times, by, twoKeys))[1]).toMatch(
      /^It is late: its key function .* is NaN, which cannot be compared\.$/,
    );
    const on = joinStreams(Order, joinWith(Price, { ...key, kind: 'left', on: [[() => Number.NaN, () => 1]] }));
    expect((await reason(0, times, { order: 'skip' }, on))[1]).toMatch(/ is NaN, which cannot be compared\.$/);
  });

  it('says that the run fails at an element that the lane checks before it needs it', async () => {
    const below = joinStreams(Price, joinWith(Third, { left: key.right, right: field(Third, 'time'), kind: 'semi' }));
    const mill = millOf(joinStreams(Order, joinWith(below, { ...key, kind: 'anti' })), [
      [Order, orders(2)],
      [Price, prices(2, 1)],
      [Third, orders(2)],
    ]);
    expect(await rejection(mill.run())).toMatchObject({ code: 'WM_ORDER_VIOLATED', details: { position: 1 } });
    expect(String(await mill.why(Price, 1))).toBe(
      'Price 1: The run fails here: the key Price.time is 1, after 2 before it.',
    );
  });

  it('reports that an outcome is open if more elements are needed', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    broker.push(Order, { time: 1, id: 'a' }, { time: 5, id: 'b' });
    broker.push(Price, { time: 2, amount: 1 });
    const mill = new WaterMill({ process: sell, broker });
    expect(await mill.why(Order, 0)).toMatchObject({ elements: [{ reason: 'no match' }] });
    expect(await mill.why(Order, 1)).toMatchObject({ elements: [{ reason: 'undecided' }] });
    expect(String(await mill.why(Order, 1))).toMatch(/More of Price may arrive\.$/);
    broker.push(Price, { time: 9, amount: 1 });
    expect(await mill.why(Order, 1)).toMatchObject({ elements: [{ reason: 'no match' }] });
    broker.end(Order);
    broker.end(Price);
    expect(await mill.run()).toMatchObject({ calls: 0 });
  });

  it('distinguishes objects that occur in a stream twice', async () => {
    const [order] = orders(1);
    const mill = millOf(joinStreams(Order, joinWith(Price, key)), [
      [Order, [order, order]],
      [Price, prices(1)],
    ]);
    expect((await mill.why(Order, () => true)).elements.map(({ calls }) => calls)).toEqual([
      [{ from: 0, to: 0 }],
      [{ from: 1, to: 1 }],
    ]);
  });
});

describe('why over files', () => {
  const write = (name: string, lines: readonly object[]): string => {
    const file = directory.file(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return file;
  };

  it('reads next to a mill of the same group, and leaves no trace', async () => {
    const files = [write('group/orders.ndjson', entries[0][1]), write('group/prices.ndjson', entries[1][1])];
    const make = () => {
      const streams = [
        [Order, files[0]],
        [Price, files[1]],
        [Alarm, directory.file('group/alarms.json')],
      ] as never;
      return new WaterMill({
        process: silent(joinStreams(Order, joinWith(Price, key))),
        broker: new JsonFileMessageBroker(streams, { group: 'g' }),
      } as never);
    };
    const before = readdirSync(directory.file('group')).sort();
    const mill = make();
    expect(String(await mill.why(Price, 1))).toMatch(/^Price 1: No Order matches it/);
    expect(readdirSync(directory.file('group')).sort()).toEqual(before);
    const running = make().run();
    expect(await mill.why(Order, 3)).toMatchObject({ elements: [{ reason: 'no match' }] });
    expect(await running).toMatchObject({ calls: 2 });
    expect(await mill.why(Order, 3)).toMatchObject({ elements: [{ reason: 'no match' }] });
  });

  it('distinguishes lanes, and reads a recording', async () => {
    write('lanes/inputs/Order/0.ndjson', orders(1, 2));
    write('lanes/inputs/Order/1.ndjson', orders(7));
    write('lanes/inputs/Price/1.ndjson', prices(7));
    const why: string[] = [];
    const makeMill = (broker: Broker) => new WaterMill({ process: sell, broker });
    mkdirSync(directory.file('lanes/expected'));
    await replay(directory.file('lanes'), async (broker) => {
      const mill = makeMill(broker);
      why.push(String(await mill.why(Order, 0)), String(await mill.why(Order, 0, { lane: '1' })));
      return makeMill(broker);
    });
    expect(why).toEqual([
      'Order 0 (lane 0): No Price matches it: Order.time = Price.time, its key is 1; there is no Price.\nOrder 0 (lane 1): It is passed to the call for Order 0.',
      'Order 0: It is passed to the call for Order 0.',
    ]);
    const recorded = record(new MemoryMessageBroker(entries), directory.file('recorded'));
    expect(await makeMill(recorded).why(Price, 1)).toMatchObject({ elements: [{ reason: 'passed over' }] });
    expect(existsSync(directory.file('recorded'))).toBe(false);
  });
});

describe('why over files refuses', () => {
  const whyOver = (...entry: readonly unknown[]) =>
    new WaterMill({
      process: processFunction(Order, {}, () => {}),
      broker: new JsonFileMessageBroker([[Order, ...entry]] as never),
    }).why(Order, 0);

  it('a pipe, without consuming it', async () => {
    execFileSync('mkfifo', [directory.file('pipe')]);
    const error = await rejection(whyOver(directory.file('pipe')));
    expect(error).toMatchObject({
      code: 'WM_WHY',
      message: expect.stringMatching(/it is a pipe, which can be read only once/),
    });
  });

  it('a followed file, which has no end', async () => {
    writeFileSync(directory.file('growing.ndjson'), '');
    const error = await rejection(whyOver(directory.file('growing.ndjson'), { follow: true }));
    expect(error).toMatchObject({ code: 'WM_WHY', message: expect.stringMatching(/it is followed while it grows/) });
  });
});

describe('why refuses', () => {
  const mill = millOf(joinStreams(Order, joinWith(Price, key)), entries);

  @Message()
  class Unread extends alias(Order, 'Unread') {}

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a class that the mill does not read',
      () => mill.why(Unread, 0),
      /expected a class that the mill reads \(Order, Price\), found the class Unread/,
    ],
    [
      'a position at which nothing is',
      () => mill.why(Order, 4),
      /no Order at position 4 of Order, which has 4 elements/,
    ],
    [
      'a position that is none',
      () => mill.why(Order, -1),
      /expected a position of 0 or more, or a function that picks elements, found -1/,
    ],
    [
      'a function that gives a promise',
      () => mill.why(Order, (async () => true) as never),
      /expected a function that returns true or false, found /,
    ],
    ['a function that gives a text', () => mill.why(Order, (({ id }: Order) => id) as never), /found "/],
    ['neither position nor function', () => mill.why(Order, 'first' as never), /found "first"/],
    ['a number of elements that is none', () => mill.why(Order, 0, { most: 0 }), /expected most of 1 or more/],
    ['a lane that is no name', () => mill.why(Order, 0, { lane: 0 as never }), /expected the name of a lane as a text/],
    ['a lane that is not there', () => mill.why(Order, 0, { lane: '9' }), /expected one of the lanes 0, found "9"/],
    [
      'a broker that cannot be read aside',
      () =>
        new WaterMill({
          process: processFunction(Order, {}, () => {}),
          broker: new CustomMessageBroker({ sources: [[Order, () => orders(1)]] }),
        }).why(Order, 0),
      /cannot read CustomMessageBroker next to a run.*Record its streams/,
    ],
  ])('%s', async (_, ask, text) => {
    expect(await rejection(ask())).toMatchObject({ code: 'WM_WHY', message: expect.stringMatching(text) });
  });
});

describe('why in a group of files that continued after its end', () => {
  const lines = (...times: number[]) =>
    times.map((time) => `${JSON.stringify({ time, id: `${time}`, amount: time })}\n`).join('');
  const millIn = (folder: string, tree: object, emits: readonly unknown[]) => {
    const file = (name: string) => path.join(folder, `${name}.ndjson`);
    const entries = [
      [Order, file('orders')],
      [Price, file('prices')],
      [Alarm, file('alarms')],
    ] as const;
    const broker = new JsonFileMessageBroker(entries, { group: 'g', onEnded: 'continue' });
    return new WaterMill({ process: processFunction(tree as never, { emits } as never, (() => {}) as never), broker });
  };
  const grow = async (
    tree: object,
    emits: readonly unknown[],
    steps: readonly [orders: number[], prices: number[]][],
  ) => {
    const folder = mkdtempSync(path.join(directory.path, 'grown-'));
    for (const [times, others] of steps) {
      appendFileSync(path.join(folder, 'orders.ndjson'), lines(...times));
      appendFileSync(path.join(folder, 'prices.ndjson'), lines(...others));
      await millIn(folder, tree, emits).run();
    }
    return millIn(folder, tree, emits);
  };

  it.each<[string, readonly unknown[]]>([
    ['with results', [Alarm]],
    ['without results', []],
  ])('names elements whose window an end had closed: %s', async (_, emits) => {
    const tree = tumblingWindow(Order, field(Order, 'time'), { size: 10 });
    const mill = await grow(tree, emits, [
      [[2], []],
      [[3, 12], []],
      [[13, 25], []],
    ]);
    const { elements } = await mill.why(Order, () => true);
    expect(elements.map(({ reason }) => reason)).toEqual(['called', 'decided', 'called', 'decided', 'called']);
    expect(elements[1]?.sentence).toBe(
      'An earlier run had ended, and its decisions are final: its window is closed, or what it matches was appended later. In one run over all elements: It is passed to the call for Order 0 to 1.',
    );
    expect(elements[2]?.calls).toEqual([{ from: 2, to: 2 }]);
  });

  it('names elements whose match was appended after an end', async () => {
    const mill = await grow(
      joinStreams(Order, joinWith(Price, key)),
      [],
      [
        [[1, 6], [1]],
        [[7], [6, 7]],
      ],
    );
    const reasons = async (message: never) =>
      (await mill.why(message, () => true)).elements.map(({ reason }) => reason);
    expect(await reasons(Order as never)).toEqual(['called', 'decided', 'called']);
    expect(await reasons(Price as never)).toEqual(['called', 'decided', 'called']);
  });
});
