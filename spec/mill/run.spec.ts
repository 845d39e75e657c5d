import {
  type BrokerLane,
  EndOfStream,
  field,
  Joined,
  joinStreams,
  joinWith,
  message,
  Process,
  processFunction,
  WaterMill,
} from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { Alarm, Next, Order, orders, Price, prices, range, Sale, sell, tree } from './support/model.js';
import { rejection } from './support/rejection.js';
import { type Script, ScriptedBroker } from './support/scripted-broker.js';

const sold = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id, amount }) => `${id}:${amount}`);

const overlap = (script: Script = {}): ScriptedBroker =>
  new ScriptedBroker(
    [
      [Order, orders(0, 1, 2, 3, 4)],
      [Price, prices(1, 3, 3)],
    ],
    script,
  );

describe.each([
  ['at once', {}],
  ['as promises', { isAsync: true }],
  ['one by one', { batchSize: 1 }],
  ['all in one', { batchSize: 100 }],
] as const)('a run over batches that come %s', (_, script) => {
  it('writes the results of the process function in master order, then ends its outputs and finalizes them', async () => {
    const broker = overlap(script);
    await new WaterMill({ process: sell, broker }).run();
    expect(sold(broker)).toEqual(['o1:10', 'o3:30', 'o3:30']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
    expect(broker.calls.filter((call) => ['flush', 'end', 'commit', 'publish'].includes(call))).toEqual([
      'end',
      'flush',
      'commit',
      'publish',
    ]);
  });
});

describe('the forms of a process', () => {
  const all = ['o1:10', 'o3:30', 'o3:30'];
  const sale = (order: Order, price: Price): Sale => message(Sale, { id: order.id, amount: price.amount });

  class Seller {
    @Process(tree, { emits: [Sale] })
    *sell(order: Order, found: Joined<Order, Price>) {
      for (const price of found.of(order)) yield sale(order, price);
    }
  }

  it.each([
    ['a generator method of a class', Seller],
    ['an instance', new Seller()],
    ['a function that gives an array', sell],
    [
      'an async function',
      processFunction(tree, { emits: [Sale] }, async (order, found) =>
        found.of(order).map((price) => sale(order, price)),
      ),
    ],
    [
      'an async generator',
      processFunction(tree, { emits: [Sale] }, async function* (order, found) {
        for (const price of found.of(order)) yield await Promise.resolve(sale(order, price));
      }),
    ],
  ])('%s', async (_, process) => {
    const broker = overlap();
    const mill = new WaterMill({ process, joinTree: tree, broker, container: { resolve: (C) => new C() } });
    await mill.run();
    expect(sold(broker)).toEqual(all);
  });

  it('makes one async call at a time', async () => {
    let inFlight = 0;
    let most = 0;
    const process = processFunction(tree, {}, async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    });
    await new WaterMill({ process, broker: overlap() }).run();
    expect(most).toBe(1);
  });

  it('reads one stream without a tree', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]]);
    const process = processFunction(Order, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id }));
    await new WaterMill({ process, broker }).run();
    expect(broker.written(Alarm).map(({ text }) => text)).toEqual(['o0', 'o1']);
  });

  it('writes results to the stream of their class', async () => {
    const process = processFunction(Order, { emits: [Alarm, Sale] }, ({ id, time }) =>
      time % 2 === 0 ? message(Alarm, { text: id }) : message(Sale, { id, amount: time }),
    );
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2, 3)]]);
    const report = await new WaterMill({ process, broker }).run();
    expect(broker.written(Alarm).map(({ text }) => text)).toEqual(['o0', 'o2']);
    expect(sold(broker)).toEqual(['o1:1', 'o3:3']);
    expect(report.emitted.map(({ name, count }) => [name, count])).toEqual([
      ['Alarm', 2],
      ['Sale', 2],
    ]);
  });
});

describe('EndOfStream from the process function', () => {
  const endless = () => new ScriptedBroker([[Order, orders(...range(1000))]]);

  it('returned: earlier results are written, nothing more is called, and the run ends', async () => {
    const called: number[] = [];
    const process = processFunction(Order, { emits: [Sale] }, ({ time, id }) => {
      called.push(time);
      return time === 2 ? new EndOfStream() : message(Sale, { id, amount: time });
    });
    const broker = endless();
    const report = await new WaterMill({ process, broker }).run();
    expect(called).toEqual([0, 1, 2]);
    expect(sold(broker)).toEqual(['o0:0', 'o1:1']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
    expect(report.ended).toBe('process');
  });

  it.each([
    [
      'a generator',
      function* (order: Order) {
        yield message(Sale, { id: order.id, amount: 1 });
        if (order.time === 1) yield new EndOfStream();
      },
    ],
    [
      'an async generator',
      async function* (order: Order) {
        yield message(Sale, { id: order.id, amount: 1 });
        if (order.time === 1) yield new EndOfStream();
      },
    ],
  ])('yielded last by %s: earlier yields are written', async (_, fn) => {
    const broker = endless();
    const report = await new WaterMill({ process: processFunction(Order, { emits: [Sale] }, fn), broker }).run();
    expect(sold(broker)).toEqual(['o0:1', 'o1:1']);
    expect(report).toMatchObject({ ended: 'process', calls: 2 });
  });

  it('in the call that also stops the mill: the end is still written', async () => {
    const broker = endless();
    const process = processFunction(Order, {}, () => {
      void mill.stop();
      return new EndOfStream();
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    expect((await mill.run()).ended).toBe('process');
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
  });

  it('when a commit is due and the end then fails: the next run writes the end', async () => {
    const broker = endless();
    broker.onCall = (call) => {
      if (call === 'end') throw new Error('disk full');
    };
    let time = 0;
    const clock = { now: () => (time += 10_000), setTimer: () => () => {} };
    let calls = 0;
    const process = processFunction(Order, {}, async () => (++calls % 8 === 0 ? new EndOfStream() : undefined));
    await rejection(new WaterMill({ process, broker, clock }).run());
    broker.onCall = () => {};
    await new WaterMill({ process, broker }).run();
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
  });

  it('is remembered: another run calls nothing and writes nothing', async () => {
    const process = processFunction(Order, { emits: [Sale] }, () => new EndOfStream());
    const broker = endless();
    await new WaterMill({ process, broker }).run();
    const report = await new WaterMill({ process, broker }).run();
    expect(report).toMatchObject({ ended: 'already ended', calls: 0 });
    expect(broker.sink().ended).toBe(1);
  });
});

describe('the end of a run', () => {
  it('comes when the master ends', async () => {
    const report = await new WaterMill({ process: sell, broker: overlap() }).run();
    expect(report).toMatchObject({ ended: 'master ended', because: 'Order', calls: 2 });
  });

  it('comes early when no master element can match any more, without reading the rest', async () => {
    const broker = new ScriptedBroker([
      [Order, orders(...range(1000))],
      [Price, prices(1)],
    ]);
    const report = await new WaterMill({ process: sell, broker }).run();
    expect(report).toMatchObject({ ended: 'no further match', because: 'Price' });
    expect(report.nodes[0]!.read).toBeLessThan(10);
  });

  it('is remembered: another run writes nothing', async () => {
    const broker = overlap();
    await new WaterMill({ process: sell, broker }).run();
    const report = await new WaterMill({ process: sell, broker }).run();
    expect(report.ended).toBe('already ended');
    expect(sold(broker)).toEqual(['o1:10', 'o3:30', 'o3:30']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 2 });
  });

  it('is written again on a broker that does not store progress', async () => {
    const broker = overlap({ remembers: false });
    await new WaterMill({ process: sell, broker }).run();
    expect(broker.calls).not.toContain('commit');
    const report = await new WaterMill({ process: sell, broker }).run();
    expect(report.ended).toBe('master ended');
    expect(sold(broker)).toEqual(['o1:10', 'o3:30', 'o3:30']);
  });

  it('a second run of one mill is an error', async () => {
    const mill = new WaterMill({ process: sell, broker: overlap() });
    await mill.run();
    expect(await rejection(mill.run())).toMatchObject({ code: 'WM_RUN_TWICE' });
  });
});

describe('an output broker', () => {
  it('gets the results, while the input broker stores the progress', async () => {
    const broker = overlap();
    const outputBroker = new ScriptedBroker([], { remembers: false });
    await new WaterMill({ process: sell, broker, outputBroker }).run();
    expect(outputBroker.written(Sale)).toHaveLength(3);
    expect(outputBroker.calls.filter((call) => call !== 'write')).toEqual([
      'connect',
      'openWriter',
      'end',
      'flush',
      'publish',
      'writer.close',
      'connection.close',
    ]);
    expect(broker.calls).toContain('commit');
    expect(broker.calls).not.toContain('openWriter');
  });
});

describe('options of running', () => {
  it.each([
    [{ commitEvery: { elements: 0 } }, 'commitEvery.elements: expected a number, one or more, found 0.'],
    [{ commitEvery: { seconds: 1 } }, 'commitEvery has no option "seconds". There are elements and ms.'],
    [{ onLaneFailure: 'wait' }, "onLaneFailure: expected 'stop' or 'goOn', found \"wait\"."],
    [{ onPlanChange: 'forget' }, "onPlanChange: expected 'fail' or 'restart', found \"forget\"."],
    [{ clock: {} }, 'clock: expected an object with the methods now and setTimer, found'],
    [
      { logger: { info() {}, error() {} } },
      'logger: expected an object with the methods debug, info, warn and error, found one without debug and warn.',
    ],
    [{ logger: console.log }, 'logger: expected an object with the methods debug, info, warn and error, found'],
    [{ signal: true }, 'signal: expected an AbortSignal, found true.'],
  ])('%j is refused', (options, sentence) => {
    const make = () => new WaterMill({ process: sell, broker: overlap(), ...(options as object) });
    expect(make).toThrow(
      expect.objectContaining({ code: 'WM_MILL_OPTIONS', message: expect.stringContaining(sentence) }),
    );
  });
});

it('refuses commits that are not more frequent than transactions are aborted', () => {
  const make = (broker: object, ms?: number, process: any = sell) => {
    const topics = [
      [Order, 'orders'],
      [Price, 'prices'],
      [Sale, 'sales'],
    ] as const;
    const exactly = { brokers: ['nowhere:1'], group: 'g', guarantee: 'exactly-once', topics } as const;
    return new WaterMill({
      process,
      broker: new KafkaMessageBroker({ ...exactly, ...broker } as any),
      commitEvery: { ms },
    });
  };
  const sentence = (most: number, ms: number) =>
    `commitEvery.ms: expected less than transactionTimeoutMs of KafkaMessageBroker (${most}), after which transactions are aborted, found ${ms}.`;
  expect(() => make({}, 60_000)).toThrow(sentence(60_000, 60_000));
  expect(() => make({ transactionTimeoutMs: 5_000 })).toThrow(sentence(5_000, 5_000));
  make({}, 59_999);
  make({ guarantee: 'at-least-once' }, 60_000);
  make(
    {},
    60_000,
    processFunction(Order, { emits: [] }, () => {}),
  );
});

describe("the idle policy 'ignore'", () => {
  const ignoring = (message: typeof Order | typeof Price, order?: 'fail') =>
    new WaterMill({
      process: sell,
      broker: overlap(),
      // biome-ignore lint/suspicious/noThenProperty: the option is called so
      inputs: [[message as typeof Price, { order, idle: { afterMs: 1, then: 'ignore' } }]],
    });

  it('is refused if late elements would fail the run', () => {
    expect(() => ignoring(Price)).toThrow(
      expect.objectContaining({ code: 'WM_INPUTS', message: expect.stringContaining("Add order: 'skip'") }),
    );
  });

  it('is refused for the master', () => {
    expect(() => ignoring(Order)).toThrow(
      expect.objectContaining({ code: 'WM_INPUTS', message: expect.stringContaining('is the master') }),
    );
  });
});

describe('several edges and windows', () => {
  it('joins one stream with itself, read once', async () => {
    const values = orders(...range(50));
    const broker = new ScriptedBroker([
      [Order, values],
      [Next, values],
    ]);
    const pairs: string[] = [];
    const self = joinStreams(Order, joinWith(Next, { left: field(Order, 'time').plus(2), right: field(Next, 'time') }));
    const process = processFunction(self, {}, (here, next) => void pairs.push(`${here.id}-${next.of(here)[0]!.id}`));
    await new WaterMill({ process, broker }).run();
    expect(pairs).toEqual(range(48).map((i) => `o${i}-o${i + 2}`));
    expect(broker.readersOpened).toEqual(['Order']);
  });

  it('reads a stream once if it can be read only once, however far apart the nodes are', async () => {
    const values = orders(...range(400));
    const broker = new ScriptedBroker([
      [Order, values],
      [Next, values],
    ]);
    const connect = broker.connect.bind(broker);
    broker.connect = async (request) => {
      const connection = await connect(request);
      const lanes = [...(connection.lanes() as Iterable<BrokerLane>)].map((lane) => ({
        ...lane,
        openReader: async (...asked: Parameters<BrokerLane['openReader']>) =>
          Object.assign(await lane.openReader(...asked), { onlyOnce: true }),
      }));
      return Object.assign(Object.create(connection), { lanes: () => lanes });
    };
    let pairs = 0;
    // With three elements per batch, there are a hundred batches in between.
    const far = joinStreams(
      Order,
      joinWith(Next, { left: field(Order, 'time').plus(300), right: field(Next, 'time') }),
    );
    const process = processFunction(far, {}, (here, next) => {
      if (next.of(here)[0]!.time === here.time + 300) pairs++;
    });
    await new WaterMill({ process, broker }).run();
    expect(pairs).toBe(100);
    expect(broker.readersOpened).toEqual(['Order']);
  });
});
