import { alias, MemoryMessageBroker, Message, message, Process, processFunction, WaterMill } from 'watermill';
import { Order, orders, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

@Message()
class OrderCopy extends alias(Order, 'OrderCopy') {}

class Plain {
  id = 'x';
}

const run = (process: any, broker: any = new MemoryMessageBroker([[Order, orders(0, 1)]])): Promise<unknown> =>
  new WaterMill({ process, broker }).run();
const returning = (make: (order: Order) => any, onError: 'fail' | 'skip' = 'skip') =>
  rejection(run(processFunction(Order, { emits: [Sale], onError }, make as never)));

describe('an invalid iterator', () => {
  const steps = [5, 'no', null, undefined, true, Symbol('s')];

  it.each(steps)('among results: next() returns %p', async (step) => {
    const broken = { next: () => step };
    for (const made of [{ [Symbol.iterator]: () => broken }, { [Symbol.asyncIterator]: () => broken }, broken]) {
      const error = await returning(() => made);
      expect(error).toMatchObject({ code: 'WM_RESULT' });
      expect(error.message).toContain(
        `returned a broken iterator: its next() returned ${typeof step === 'string' ? '"no"' : String(step)}, expected { value, done }.`,
      );
    }
  });

  it.each([5, undefined, {}])('among results: the iterable returns %p as iterator', async (none) => {
    for (const method of [Symbol.iterator, Symbol.asyncIterator]) {
      expect((await returning(() => ({ [method]: () => none }))).message).toContain('() returned ');
    }
  });

  it('among results: next() returns an empty object, or a promise although it is not an async iterator', async () => {
    const { message: empty } = await returning(() => ({ [Symbol.iterator]: () => ({ next: () => ({}) }) }));
    expect(empty).toContain('its next() returned {}, expected { value, done }. That was');
    const async = { next: async () => ({ done: true }) };
    const { message: promise } = await returning(() => ({ [Symbol.iterator]: () => async }));
    expect(promise).toContain(
      'expected { value, done }. An iterator that must be awaited is returned by [Symbol.asyncIterator]. That was',
    );
  });

  it.each([...steps, {}, Promise.resolve({ done: true })])('as a stream in memory: next() returns %p', async (step) => {
    const broker = new MemoryMessageBroker([[Order, { [Symbol.iterator]: () => ({ next: () => step }) } as any]]);
    const inputs: any[] = [[Order, { onBadMessage: 'skip' }]];
    const error = await rejection(
      new WaterMill({ process: processFunction(Order, {}, () => {}), broker, inputs }).run(),
    );
    expect(error).toMatchObject({ code: 'WM_INPUT_FAILED', details: { position: 0 } });
    expect(error.message).toContain('expected { value, done }');
  });

  it('ends if done is left out until then, or is merely truthy', async () => {
    let left = 3;
    const next = () => (left-- > 0 ? { value: orders(left)[0] } : { done: 1, value: undefined });
    const broker = new MemoryMessageBroker([[Order, { [Symbol.iterator]: () => ({ next }) } as any]]);
    expect(
      await run(
        processFunction(Order, {}, () => {}),
        broker,
      ),
    ).toMatchObject({ calls: 3 });
  });
});

describe('garbage from a broker is reported', () => {
  const violated = (change: (connection: any) => object) => {
    const broker: any = new ScriptedBroker([[Order, orders(0)]]);
    const connect = broker.connect.bind(broker);
    broker.connect = async (request: any) => {
      const connection = await connect(request);
      return Object.setPrototypeOf(change(connection), connection);
    };
    return rejection(
      run(
        processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 })),
        broker,
      ),
    );
  };
  const withLane = (change: (lane: any) => object) =>
    violated((connection) => ({
      lanes: () => [...connection.lanes()].map((lane: any) => ({ ...lane, ...change(lane) })),
    }));
  const thrown = (): never => {
    throw 'at once';
  };

  it.each<[string, () => unknown, string]>([
    ['no lanes', () => 5, 'failed while listing its lanes: '],
    [
      'steps that are none',
      () => ({ [Symbol.iterator]: () => ({ next: () => 5 }) }),
      'failed while listing its lanes: Iterator result 5',
    ],
    [
      'no lane',
      () => [undefined],
      'failed while listing its lanes: lanes() returned undefined, expected a lane { name, openReader, commit }.',
    ],
    ['half a lane', () => [{ name: '0' }], 'lanes() returned { name: "0" }, expected a lane'],
  ])('%s', async (_, lanes, text) => {
    const error = await violated(() => ({ lanes }));
    expect(error).toMatchObject({ code: 'WM_BROKER_FAILED' });
    expect(error.message).toContain(text);
  });

  it.each<[unknown, string]>([
    [5, 'read() returned 5, expected a batch { values, first, mark, end }'],
    [undefined, 'read() returned undefined, expected a batch'],
    [Promise.resolve('x'), 'read() returned "x", expected a batch'],
    [{}, 'read() returned {}, expected a batch'],
    [{ values: 'abc', first: 0 }, 'expected a batch'],
    [{ values: [], first: Number.NaN }, 'expected a batch'],
    [{ values: [1], first: 0, positions: [] }, 'expected a position for each value'],
  ])('a reader: %p', async (given, text) => {
    const error = await withLane(() => ({ openReader: async () => ({ read: () => given, close: async () => {} }) }));
    expect(error).toMatchObject({ code: 'WM_BROKER_FAILED' });
    expect(error.message).toMatch(/^ScriptedBroker failed while reading stream-0: read\(\) returned /);
    expect(error.message).toContain(text);
  });

  it('throws at once where a promise was expected', async () => {
    expect((await withLane(() => ({ commit: thrown }))).message).toBe(
      'ScriptedBroker failed while committing positions: at once.',
    );
    expect((await withLane(() => ({ release: thrown }))).message).toBe(
      'ScriptedBroker failed while releasing a lane: at once.',
    );
    expect((await violated(() => ({ close: thrown }))).message).toBe('ScriptedBroker failed while closing: at once.');
    for (const [method, work] of [
      ['flush', 'making results durable'],
      ['end', 'ending the outputs'],
      ['publish', 'making the results final'],
      ['close', 'closing'],
    ]) {
      const error = await violated((connection) => ({
        openWriter: async (...args: unknown[]) =>
          Object.setPrototypeOf({ [method as string]: thrown }, await connection.openWriter(...args)),
      }));
      expect(error.message).toBe(`ScriptedBroker failed while ${work}: at once.`);
    }
  });
});

describe('an invalid result names the remedy', () => {
  it.each<[string, (order: Order) => unknown, string]>([
    [
      'promises',
      ({ id }) => [Promise.resolve(message(Sale, { id, amount: 1 }))],
      'Await it: of an array of promises return Promise.all(…), in a generator use async function*.',
    ],
    [
      'an element of the input',
      (order) => order,
      "Order is read here, and its stream cannot be written as well. Give results their own class and stream: class OrderCopy extends alias(Order, 'OrderCopy') {}, an entry for it, processFunction(source, { emits: [Sale, OrderCopy] }, …), and return message(OrderCopy, { … }).",
    ],
    ['an error', () => new Error('no'), 'To fail, throw it.'],
    [
      'an instance of a class that is not a message class',
      () => new Plain(),
      'an instance of Plain. Plain is not a message class. Make an element of one: message(Sale, { … }).',
    ],
    ['a Date', () => new Date(), 'Date is not a message class.'],
    [
      'an undeclared class',
      () => message(OrderCopy, { id: '', time: 0 }),
      'It emits Sale: add OrderCopy to emits, processFunction(source, { emits: [Sale, OrderCopy] }, …).',
    ],
    ['a nested async iterable', () => [(async function* () {})()], 'Results are not nested'],
  ])('%s', async (_, make, text) => {
    const error = await returning(make);
    expect(error).toMatchObject({ code: 'WM_RESULT' });
    expect(error.message).toContain(text);
  });

  it('to the author of a method, in terms of methods', async () => {
    class Copier {
      @Process(Order, { emits: [Sale] })
      copy(_: Order): any {
        return message(OrderCopy, { id: '', time: 0 });
      }
    }
    expect((await rejection(run(new Copier()))).message).toContain(
      'add OrderCopy to emits, @Process({ emits: [Sale, OrderCopy] }).',
    );
  });

  it('and an error of this kind that the process throws is handled by onError', async () => {
    const own = await returning(() => 5, 'fail');
    const process = processFunction(Order, { onError: 'skip' }, () => {
      throw Object.assign(Object.create(Object.getPrototypeOf(own)), { code: 'WM_RESULT', message: 'mine' });
    });
    expect(await run(process)).toMatchObject({ failedCalls: 2 });
  });
});

describe('an instance that throws in dispose', () => {
  it.each(['asyncDispose', 'dispose', 'method'] as const)('by %s is named, and the results hold', async (how) => {
    class Shop {
      @Process(Order, { emits: [Sale] })
      sell({ id }: Order): Sale {
        return message(Sale, { id, amount: 1 });
      }
    }
    const name = how === 'method' ? 'dispose' : Symbol[how];
    (Shop.prototype as any)[name] = () => {
      throw Object.create(null);
    };
    const broker = new MemoryMessageBroker([[Order, orders(0, 1)]]);
    const mill = new WaterMill({ process: Shop, broker, container: { resolve: () => new Shop() } });
    const error = await rejection(mill.run());
    expect(error).toMatchObject({ code: 'WM_DISPOSE_FAILED', details: { process: 'Shop' } });
    expect(error.message).toContain('The instance of Shop could not be disposed: {}. ');
    expect(broker.written(Sale)).toHaveLength(2);
    expect(broker.ended(Sale)).toBe(true);
  });
});
