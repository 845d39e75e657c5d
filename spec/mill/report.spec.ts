import { type BrokerLane, field, joinStreams, joinWith, message, processFunction, WaterMill } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, range, Sale, sell, Third } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

describe('the report', () => {
  it('accounts for every element', async () => {
    const broker = new ScriptedBroker([
      [Order, orders(0, 1, 2, 3, 4)],
      [Price, prices(1, 2.5, 3, 3)],
    ]);
    const clock = new VirtualClock();
    const report = await new WaterMill({ process: sell, broker, clock }).run();
    expect(report.nodes).toEqual([
      {
        name: 'Order',
        stream: 'stream-0',
        position: 5,
        read: 5,
        matched: 2,
        passedOver: 3,
        late: 0,
        bad: 0,
        fraction: 1,
      },
      {
        name: 'Price',
        stream: 'stream-1',
        position: 4,
        read: 4,
        matched: 3,
        passedOver: 1,
        late: 0,
        bad: 0,
        fraction: 1,
      },
    ]);
    expect(report.emitted).toEqual([{ name: 'Sale', stream: 'Sale', count: 3 }]);
    expect(String(report)).toMatchInlineSnapshot(`
"ended with its master Order after 0 ms
                  read  matched  passed over  late  bad  position
Order (stream-0)     5        2            3     0    0         5
Price (stream-1)     4        3            1     0    0         4
2 calls
wrote 3 Sale to Sale"
`);
  });

  it('is logged', async () => {
    const logger = new RecordingLogger();
    const broker = new ScriptedBroker([
      [Order, orders(1)],
      [Price, prices(1)],
    ]);
    const report = await new WaterMill({ process: sell, broker, logger }).run();
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'info', text: String(report) }));
  });
});

describe('a join without results', () => {
  const silent = async (left: number[], right: number[]) => {
    const logger = new RecordingLogger();
    const broker = new ScriptedBroker([
      [Order, orders(...left)],
      [Price, prices(...right)],
    ]);
    const report = await new WaterMill({ process: sell, broker, logger }).run();
    const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(warnings).toEqual(report.silentEdges.map(({ sentence }) => `Nothing matched: ${sentence}`));
    return report.silentEdges.map(({ sentence }) => sentence);
  };

  it.each([
    [
      'times of other origins',
      range(10).map((i) => i * 110),
      [1.7e12, 1.7e12 + 5],
      'Order with Price: left Order.time is 0 … 990 (number), right Price.time is 1700000000000 … 1700000000005 (number): ' +
        'seconds against milliseconds, or times since a start against times since 1970?',
    ],
    [
      'seconds and milliseconds',
      [1.7e9, 1.7e9 + 1],
      [1.7e12, 1.7e12 + 1000],
      'Order with Price: left Order.time is 1700000000 … 1700000001 (number), right Price.time is 1700000000000 … 1700000001000 (number): ' +
        'seconds against milliseconds?',
    ],
    [
      'another stretch',
      [1, 2],
      [3, 4],
      'Order with Price: left Order.time is 1 … 2 (number), right Price.time is 3 … 4 (number): ' +
        'every left key is below every right key that could match it: other units, or another stretch of time?',
    ],
    [
      'keys between each other',
      [1, 2, 3],
      [0.5, 1.5, 2.5, 3.5],
      'Order with Price: left Order.time is 1 … 3 (number), right Price.time is 0.5 … 3.5 (number): ' +
        'the keys overlap, but none match: rounding, an offset, or another edge that matches nothing?',
    ],
    [
      'an order that goes down',
      [5, 3, 1, 4, 2],
      [1, 2, 3],
      'Order with Price: left Order.time is 5 … 1 (number), right Price.time is 1 … 3 (number): ' +
        'Order is not in order: its first key is above its last',
    ],
    [
      'an empty child',
      [1, 2],
      [],
      'Order with Price: left Order.time is 1 … 2 (number), right Price.time is without elements: Price had no elements',
    ],
  ])('by %s says so', async (_, left, right, sentence) => {
    expect(await silent(left, right)).toEqual([sentence]);
  });

  it.each<[string, keys: unknown[], cause: string]>([
    [
      'no key at the end',
      [['a', 1], ['a', 2], null],
      'the first key of Order is ("a", 1), its last is null, and these cannot be compared',
    ],
    [
      'no key at the beginning',
      [undefined, ['a', 1]],
      'the first key of Order is undefined, its last is ("a", 1), and these cannot be compared',
    ],
    [
      'no keys at both ends',
      [Symbol('x'), ['a', 1], Symbol('y')],
      'the first key of Order is Symbol(x), its last is Symbol(y)',
    ],
    ['keys of two types', [1, 'a'], 'the first key of Order is 1, its last is "a"'],
  ])('by %s, which the policy skips, says so', async (_, keys, cause) => {
    const tree = joinStreams(
      Order,
      joinWith(Price, { left: ({ time }): any => keys[time], right: () => ['b', 3] as [string, number] }),
    );
    const broker = new ScriptedBroker([
      [Order, orders(...keys.keys())],
      [Price, prices(1)],
    ]);
    const inputs = [
      [Order, { order: 'skip' }],
      [Price, { order: 'skip' }],
    ] as const;
    const { silentEdges, ended } = await new WaterMill({
      process: processFunction(tree, {}, () => {}),
      broker,
      inputs,
    }).run();
    expect([ended, silentEdges.map((edge) => edge.cause)]).toEqual([
      expect.any(String),
      [expect.stringContaining(cause)],
    ]);
  });

  it('is not blamed on the order of a short stream under slack', async () => {
    const broker = new ScriptedBroker([
      [Order, orders(2, 1)],
      [Price, prices(0, 1.5)],
    ]);
    const inputs = [[Order, { order: { slack: 2 } }]] as const;
    const [edge] = (await new WaterMill({ process: sell, broker, inputs }).run()).silentEdges;
    expect(edge?.cause).toMatch(/^the keys overlap/);
  });

  it('is not blamed on the order if each of several lanes is in order', async () => {
    const broker = new ScriptedBroker(
      [
        [Order, []],
        [Price, []],
      ],
      { lanes: ['0', '1'] },
    );
    // By lane and stream.
    const values = [
      [orders(7, 8), prices(7.5, 9)],
      [orders(1, 2), prices(1.5, 3)],
    ];
    const connect = broker.connect.bind(broker);
    broker.connect = async (request) => {
      const connection = await connect(request);
      const lanes = [...(connection.lanes() as Iterable<BrokerLane>)].map((lane, i) => ({
        ...lane,
        openReader: async (input: number) => ({
          read: () => ({ values: values[i]?.[input] ?? [], first: 0, mark: 0, end: true }),
          close: async () => {},
        }),
      }));
      return { ...connection, lanes: () => lanes };
    };
    const [edge] = (await new WaterMill({ process: sell, broker }).run()).silentEdges;
    expect(edge?.sentence).toMatch(
      /left Order.time is 1 … 8 \(number\), right Price.time is 1.5 … 9 .*the keys overlap/,
    );
  });

  it('is blamed on the edge that explains it', async () => {
    const tree = joinStreams(
      Order,
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }),
      joinWith(Third, { left: field(Order, 'time'), right: field(Third, 'time') }),
    );
    const broker = new ScriptedBroker([
      [Order, orders(1, 2)],
      [Price, prices(1, 2)],
      [Third, orders(7)],
    ]);
    const report = await new WaterMill({ process: processFunction(tree, {}, () => {}), broker }).run();
    expect(report.silentEdges.map(({ child }) => child)).toEqual(['Third']);
    expect(String(report)).toContain('nothing matched: Order with Third');
  });

  it.each([
    [7, ['Price']],
    [2, []],
  ])('may be a filter that lets no element pass: of 1 and 2 with %i', async (time, expected) => {
    const semi = joinStreams(
      Order,
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'semi' }),
    );
    const broker = new ScriptedBroker([
      [Order, orders(1, 2)],
      [Price, prices(time)],
    ]);
    const { silentEdges } = await new WaterMill({ process: processFunction(semi, {}, () => {}), broker }).run();
    expect(silentEdges.map(({ child }) => child)).toEqual(expected);
  });

  it('is not mentioned if something matched, or with an anti edge', async () => {
    expect(await silent([1, 2], [2])).toEqual([]);
    const anti = joinStreams(
      Order,
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'anti' }),
    );
    const broker = new ScriptedBroker([
      [Order, orders(1, 2)],
      [Price, prices(7)],
    ]);
    expect((await new WaterMill({ process: processFunction(anti, {}, () => {}), broker }).run()).silentEdges).toEqual(
      [],
    );
  });

  it.each([
    [
      'whose keys are in other units',
      [1.7e9],
      [1.7e12],
      'left Order.time is 1700000000 (number), right Price.time is 1700000000000 (number): seconds against milliseconds?',
    ],
    [
      'whose keys may still meet',
      [1],
      [5],
      'left Order.time is 1 (number), right Price.time is 5 (number): the run ended before its streams did: later elements may match',
    ],
    [
      'of which one has nothing yet',
      [1],
      [],
      'left Order.time is 1 (number), right Price.time is without elements: the run ended before its streams did: later elements may match',
    ],
  ])('is in the report of a stopped run, and not a warning: streams %s', async (_, left, right, sentence) => {
    const logger = new RecordingLogger();
    const mill = new WaterMill({
      process: sell,
      logger,
      broker: new ScriptedBroker([
        [Order, new ScriptedStream(orders(...left), true)],
        [Price, new ScriptedStream(prices(...right), true)],
      ]),
    });
    const run = mill.run();
    await settled();
    await mill.stop();
    const report = await run;
    expect(report.silentEdges.map((edge) => edge.sentence)).toEqual([`Order with Price: ${sentence}`]);
    expect(String(report)).toContain(sentence);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});

describe('progress()', () => {
  it('can be called before, during and after the run', async () => {
    const seen: unknown[] = [];
    const broker = new ScriptedBroker([[Order, orders(...range(8))]], { batchSize: 2 });
    const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
      if (time === 3) seen.push(mill.progress());
      return message(Sale, { id, amount: 0 });
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    expect(mill.progress()).toMatchObject({ calls: 0, nodes: [{ name: 'Order', read: 0 }] });
    await mill.run();
    expect(seen).toMatchObject([
      { calls: 4, nodes: [{ read: 4, matched: 4, passedOver: 0, position: 4, fraction: 0.5 }] },
    ]);
    expect(mill.progress()).toMatchObject({ calls: 8, nodes: [{ read: 8, fraction: 1 }] });
  });
});
