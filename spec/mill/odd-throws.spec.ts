import {
  BadMessage,
  CustomMessageBroker,
  type CustomSource,
  EndOfStream,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { BatchStream } from 'watermill/batches';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { oddThrows } from './support/hostile.js';
import { Order, orders, Price, prices, Sale } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const folder = temporaryDirectory();
afterAll(() => folder.remove());

const sale = ({ id, time }: Order): Sale => message(Sale, { id, amount: time });

test.each([
  ['long', `${'x'.repeat(2_000)} the end`, /^x{600} … \(2008 characters\) … x{342} the end$/],
  [
    'long once it is escaped',
    `${'\u200b'.repeat(600)} the end`,
    /^\\u200b.* … \(608 characters\) … .*\\u200b the end$/,
  ],
])('a message that is %s is cut in the middle', async (_, text, cut) => {
  const broker = new MemoryMessageBroker([[Order, orders(0)]]);
  const process = processFunction(Order, { onError: { deadLetter: BadMessage } }, () => {
    throw new Error(text);
  });
  await new WaterMill({ process, broker }).run();
  const error = broker.written(BadMessage)[0]?.error;
  expect(error).toMatch(cut);
  expect(error?.length).toBeLessThanOrEqual(1_000);
});

test.each([
  ['no stock', 'no stock. No position'],
  ['no stock.', 'no stock. No position'],
  ['no stock!', 'no stock! No position'],
  ['Did you mean b?', 'Did you mean b? No position'],
])('a message %j ends its sentence once', async (text, found) => {
  const process = processFunction(Order, {}, () => {
    throw new Error(text);
  });
  const error = await rejection(
    new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(0)]]) }).run(),
  );
  expect(error.message).toContain(`: ${found}`);
});

test.each(['no stock.', 'no stock!', 'no stock?'])(
  'the message %j of a deserializer ends its sentence once',
  async (text) => {
    const deserializer = () => {
      throw new Error(text);
    };
    const broker = new MemoryMessageBroker([[Order, [{ time: 1, id: 'a' }], { deserializer }]]);
    const error = await rejection(new WaterMill({ process: processFunction(Order, {}, () => {}), broker }).run());
    expect(error.message).toContain(`the deserializer threw: ${text}`);
    expect(error.message).not.toMatch(/[!?.]\./);
  },
);

describe.each(oddThrows.map(([what]) => what))('%s, thrown', (what) => {
  const [, thrown, text] = oddThrows.find(([name]) => name === what)!;
  const fail = (): never => {
    throw thrown;
  };
  const failAfter = function* (elements: Order[]): Generator<Order> {
    yield* elements;
    fail();
  };
  const failAt1 = (order: Order): Sale => (order.time === 1 ? fail() : sale(order));

  const ways: Record<string, (order: Order) => any> = {
    'by a call': failAt1,
    'by a promise': async (order) => failAt1(order),
    *'by a generator'(order) {
      yield failAt1(order);
    },
    async *'by an async generator'(order) {
      yield failAt1(order);
    },
  };

  it.each([...Object.keys(ways).map((way) => [way, false] as const), ['by a call', true] as const])(
    '%s, is passed over as onError says (frozen elements: %p)',
    async (way, freeze) => {
      const logger = new RecordingLogger();
      const broker = new MemoryMessageBroker([[Order, orders(0, 1, 2)]]);
      const process = processFunction(Order, { emits: [Sale], onError: 'skip' }, ways[way] as never);
      const report = await new WaterMill({ process, broker, logger, freeze }).run();
      expect(report.failedCalls).toBe(1);
      expect(broker.written(Sale).map(({ id }) => id)).toEqual(['o0', 'o2']);
      expect(logger.lines.find(({ level }) => level === 'warn')?.text).toContain(` failed on Order at position 1 of `);
      expect(logger.lines.find(({ level }) => level === 'warn')?.text).toContain(`: ${text}. The call is skipped`);
    },
  );

  it('is described in a dead letter, and in the error if the run fails', async () => {
    const broker = new MemoryMessageBroker([[Order, orders(0, 1, 2)]]);
    const process = processFunction(Order, { emits: [Sale], onError: { deadLetter: BadMessage } }, failAt1);
    await new WaterMill({ process, broker }).run();
    expect(broker.written(BadMessage).map(({ error }) => error)).toEqual([text]);
    const failing = processFunction(Order, { emits: [Sale] }, failAt1);
    const error = await rejection(
      new WaterMill({ process: failing, broker: new MemoryMessageBroker([[Order, orders(1)]]) }).run(),
    );
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(error.cause).toBe(thrown);
    expect(error.message).toContain(`: ${text}. No position`);
  });

  it('by a deserializer, causes a bad message', async () => {
    const broker = new MemoryMessageBroker([
      [
        Order,
        [1, 2],
        { deserializer: (value: number) => (value === 1 ? fail() : message(Order, { time: 2, id: 'b' })) },
      ],
    ]);
    const process = processFunction(Order, { emits: [Sale] }, sale);
    await new WaterMill({ process, broker, inputs: [[Order, { onBadMessage: { deadLetter: BadMessage } }]] }).run();
    expect(broker.written(Sale)).toHaveLength(1);
    expect(broker.written(BadMessage)[0]?.error).toContain(`the deserializer threw: ${text}.`);
  });

  it('by a key, fails with the place', async () => {
    const tree = joinStreams(Order, joinWith(Price, { left: fail as () => number, right: field(Price, 'time') }));
    const broker = new MemoryMessageBroker([
      [Order, orders(1)],
      [Price, prices(1)],
    ]);
    const error = await rejection(new WaterMill({ process: processFunction(tree, {}, () => {}), broker }).run());
    expect(error).toMatchObject({ code: 'WM_KEY_FAILED', details: { message: 'Order', position: 0 } });
    expect(error.message).toContain(`could not be computed: ${text}. `);
  });

  it('by an iterable in memory, names the place', async () => {
    const values = function* () {
      yield* orders(0);
      fail();
    };
    const broker = new MemoryMessageBroker([[Order, values()]]);
    const error = await rejection(new WaterMill({ process: processFunction(Order, {}, () => {}), broker }).run());
    expect(error).toMatchObject({ code: 'WM_INPUT_FAILED', details: { position: 1 } });
    expect(error.message).toContain(`: ${text}. `);
  });

  it.each<[string, CustomSource<Order>]>([
    ['an iterable', { [Symbol.iterator]: fail }],
    ['a generator', () => failAfter(orders(0))],
    ['a batch source', { read: fail }],
  ])('by a source, names the stream: %s', async (_, source) => {
    const broker = new CustomMessageBroker({ sources: [[Order, source]] });
    const error = await rejection(new WaterMill({ process: processFunction(Order, {}, () => {}), broker }).run());
    expect(error.code).toBe('WM_INPUT_FAILED');
    expect(Object.is(error.cause, thrown)).toBe(true);
    expect(error.message).toContain(text);
  });

  it('by a source of a batch stream, names the source', async () => {
    const directory = folder.newPath();
    const error = await rejection(new BatchStream({ sources: { a: { read: fail } }, directory }).run(() => {}));
    expect(error.code).toBe('WM_INPUT_FAILED');
    expect(Object.is(error.cause, thrown)).toBe(true);
  });

  it('by a broker, names the operation of the broker', async () => {
    const stream = new ScriptedStream(orders(0), true);
    stream.failure = thrown ?? '';
    const broker = new ScriptedBroker([[Order, stream]]);
    const error = await rejection(new WaterMill({ process: processFunction(Order, {}, () => {}), broker }).run());
    expect(error).toMatchObject({ code: 'WM_BROKER_FAILED' });
    expect(error.message).toBe(
      `ScriptedBroker failed while reading stream-0: ${thrown == null ? 'an empty string' : text}.`,
    );
  });
});

it('an EndOfStream that is thrown does not end the stream', async () => {
  const broker = new MemoryMessageBroker([[Order, orders(0, 1)]]);
  const process = processFunction(Order, { onError: 'skip' }, () => {
    throw new EndOfStream();
  });
  expect((await new WaterMill({ process, broker }).run()).failedCalls).toBe(2);
});
