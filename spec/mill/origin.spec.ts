import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DataKey,
  field,
  hoppingWindow,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Origin,
  Process,
  processFunction,
  Unmatched,
  WaterMill,
} from 'watermill';
import { Origins } from '../../lib/mill/driver/input/origins.js';
import type { PlanNode } from '../../lib/mill/plan/plan.js';
import { Next, Order, orders, Price, range } from './support/model.js';
import { ScriptedBroker } from './support/scripted-broker.js';

/** Keeps the origin of every call over a stream of orders. */
function keeping(use: (origin: Origin) => unknown = () => {}) {
  const origins: Origin[] = [];
  const process = processFunction(Order, { inject: [Origin] }, (_, origin) => {
    origins.push(origin);
    use(origin);
  });
  return { origins, process };
}

const positions = (origins: readonly Origin[]): number[] => origins.map(({ position }) => position);

describe('an Origin', () => {
  it('has stream and position over memory; timestamp, key and headers are absent', async () => {
    const { origins, process } = keeping();
    await new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(4, 5)]]) }).run();
    expect(positions(origins)).toEqual([0, 1]);
    const [{ stream, partition, position, lastPosition, timestamp, key, headers }] = origins as [Origin];
    expect({ stream, partition, position, lastPosition, timestamp, key, headers }).toEqual({
      stream: 'Order',
      partition: '0',
      position: 0,
      lastPosition: 0,
      timestamp: undefined,
      key: undefined,
      headers: {},
    });
  });

  it('has the path over files', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'watermill-'));
    const file = path.join(folder, 'orders.json');
    writeFileSync(file, JSON.stringify(orders(...range(3))));
    const { origins, process } = keeping();
    await new WaterMill({ process, broker: new JsonFileMessageBroker([[Order, file]]) }).run();
    expect(origins.map(({ stream, position }) => [path.resolve(stream), position])).toEqual(
      range(3).map((i) => [file, i]),
    );
    rmSync(folder, { recursive: true });
  });

  it('has what the broker knows, computed on first access only', async () => {
    const asked: number[] = [];
    const broker = new ScriptedBroker([[Order, orders(...range(10))]], {
      lanes: ['3'],
      originOf: (position) => {
        asked.push(position);
        return { timestamp: 1000 + position, key: `k${position}`, headers: { trace: ['a', 'b'] } };
      },
    });
    const { origins, process } = keeping();
    await new WaterMill({ process, broker }).run();
    expect(asked).toEqual([]);
    expect(origins.map(({ timestamp, key, partition }) => [timestamp, key, partition])).toEqual(
      range(10).map((i) => [1000 + i, `k${i}`, '3']),
    );
    expect(origins[7]!.headers).toEqual({ trace: ['a', 'b'] });
    expect(asked).toEqual(range(10));
  });

  it.each([1, 3, 50])('of a window is that of its first and last element (batches of %d)', async (batchSize) => {
    const broker = new ScriptedBroker([[Order, orders(...range(40))]], {
      batchSize,
      originOf: (position) => ({ timestamp: position }),
    });
    const seen: unknown[] = [];
    const source = hoppingWindow(Order, field(Order, 'time'), { size: 10, every: 4 });
    const process = processFunction(source, { inject: [Origin] }, (members, origin) => {
      const { position, lastPosition, timestamp } = origin;
      seen.push([position, lastPosition, timestamp, members.length]);
    });
    await new WaterMill({ process, broker }).run();
    const starts = range(12).map((i) => i * 4 - 8);
    expect(seen).toEqual(
      starts.map((start) => {
        const [first, last] = [Math.max(start, 0), Math.min(start + 9, 39)];
        return [first, last, first, last - first + 1];
      }),
    );
  });

  it('is right for a master that runs ahead on a reader of its own, and after a restart', async () => {
    const values = orders(...range(500));
    const make = () =>
      new ScriptedBroker(
        [
          [Order, values],
          [Next, values],
        ],
        { batchSize: 2, originOf: (position) => ({ timestamp: position * 10 }) },
      );
    // The child is 200 elements behind its master, so the two cannot share a reader.
    const tree = joinStreams(
      Order,
      joinWith(Next, { left: field(Order, 'time').minus(200), right: field(Next, 'time') }),
    );
    const broker = make();
    const seen: unknown[] = [];
    const run = async (stopAt: number): Promise<void> => {
      const process = processFunction(tree, { inject: [Origin] }, ({ time }, _, { position, timestamp }) => {
        seen.push([time, position, timestamp]);
        if (time === stopAt) void mill.stop();
      });
      const mill: WaterMill = new WaterMill({ process, broker });
      await mill.run();
    };
    await run(333);
    await run(-1);
    expect(broker.readersOpened.length).toBeGreaterThan(2);
    expect(seen).toEqual(range(300, 200).map((time) => [time, time, time * 10]));
  });
});

it.each([
  ['Origin', () => Origin],
  ['DataKey', () => DataKey],
])('is not available to an unmatched method with %s', (name, token) => {
  const price = { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' } as const;
  class Shop {
    sell(_order: Order): void {}
    lonely(_price: Price): void {}
  }
  Process(joinStreams(Order, joinWith(Price, price)), { inject: [], emits: [] })(
    Shop.prototype,
    'sell',
    Object.getOwnPropertyDescriptor(Shop.prototype, 'sell') as never,
  );
  Reflect.defineMetadata('design:paramtypes', [Price, token()], Shop.prototype, 'lonely');
  Unmatched(Price)(Shop.prototype, 'lonely', Object.getOwnPropertyDescriptor(Shop.prototype, 'lonely')!);
  const broker = new MemoryMessageBroker([
    [Order, []],
    [Price, []],
  ]);
  expect(() => new WaterMill({ process: Shop, broker })).toThrow(
    `parameter 2 is ${name}, which only the process function can have`,
  );
});

describe('the batches that origins are taken from', () => {
  const master = { input: { label: 'orders', id: 'orders' } } as PlanNode;
  const batch = (first: number, ...gaps: number[]) => ({
    values: gaps,
    first,
    positions: gaps.map((gap) => first + gap),
    mark: first,
    end: false,
    origin: (index: number) => ({ timestamp: first * 1000 + index }),
  });

  it('may have gaps, as in Kafka', () => {
    const origins = new Origins(master, '0', false);
    origins.add(batch(10, 0, 3, 7), 10);
    origins.add(batch(30, 0, 1), 10);
    expect([10, 13, 17, 30, 31].map((at) => origins.of(at, at).timestamp)).toEqual([10000, 10001, 10002, 30000, 30001]);
  });

  it('are dropped when no call can refer to them any more', () => {
    const origins = new Origins(master, '0', false);
    origins.add(batch(0, 0, 1), 0);
    origins.add(batch(2, 0, 1), 1);
    expect(origins.of(1, 1).timestamp).toBe(1);
    origins.add(batch(4, 0, 1), 2);
    expect(origins.of(1, 1).timestamp).toBeUndefined();
    expect(origins.of(3, 3).timestamp).toBe(2001);
  });
});
