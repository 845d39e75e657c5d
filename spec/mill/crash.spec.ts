import {
  type BrokerLane,
  field,
  joinStreams,
  joinWith,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
  window,
} from 'watermill';
import type { Batch } from '../../lib/brokers/batch.js';
import { stride } from '../support/cases.js';
import { Next, Order, orders, Price, prices, range, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

const values = orders(0, 1, 1, 2, 4, 5, 5, 7, 8, 9, 10, 11, 11, 14, 15, 16);

const nested = joinStreams(
  Order,
  joinWith(joinStreams(Next, joinWith(Price, { left: field(Next, 'time'), right: field(Price, 'time') })), {
    left: field(Order, 'time').plus(3),
    right: field(Next, 'time'),
  }),
);
const windowed = joinStreams(
  tumblingWindow(Order, field(Order, 'time'), { size: 4 }),
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }),
);
const byKey = joinStreams(
  window(Order, field(Order, 'time').floorDiv(3)),
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
);
const full = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
);
const sale = (id: string, amount: number): Sale => message(Sale, { id, amount });

const processes = {
  'a nested self-join': processFunction(nested, { emits: [Sale] }, (order, next, found) =>
    next.of(order).flatMap((each) => found.of(each).map(({ amount }) => sale(`${order.id}-${each.id}`, amount))),
  ),
  'tumbling windows over a join': processFunction(windowed, { emits: [Sale] }, (members, found) =>
    sale(members.map(({ id }) => id).join('+'), found.size),
  ),
  'expression windows over a left join, async': processFunction(byKey, { emits: [Sale] }, async (members, found) =>
    sale(members.map(({ id }) => id).join('+'), found.size),
  ),
  'a full join': processFunction(
    full,
    { emits: [Sale], unmatched: [[Price, ({ amount }) => sale('nobody', amount)]] },
    ({ id }, found) => sale(id, found.size),
  ),
};

const makeBroker = (batchSize: number): ScriptedBroker =>
  new ScriptedBroker(
    [
      [Order, values],
      [Next, values],
      [Price, prices(...range(20).filter((i) => i % 5 !== 3))],
    ],
    { batchSize },
  );

const shown = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id, amount }) => `${id}:${amount}`);

class Crash extends Error {}

describe.each(Object.entries(processes))('%s', (_, process) => {
  it.each([1, 2, 5])('loses and doubles nothing by a crash at any broker call (batches of %d)', async (batchSize) => {
    const run = (broker: ScriptedBroker) =>
      new WaterMill({ process, broker, commitEvery: { elements: 2 } } as ConstructorParameters<
        typeof WaterMill
      >[0]).run();
    const undisturbed = makeBroker(batchSize);
    await run(undisturbed);
    expect(shown(undisturbed).length).toBeGreaterThan(3);
    expect(undisturbed.calls.filter((call) => call === 'commit').length).toBeGreaterThan(3);

    // Each batch size begins at another call.
    const step = stride(2);
    for (let k = 1 + (batchSize % step); k <= undisturbed.calls.length; k += step) {
      const broker = makeBroker(batchSize);
      let calls = 0;
      // From the k-th call on every call fails, as for a dead process.
      broker.onCall = () => {
        if (++calls >= k) throw new Crash();
      };
      await run(broker).catch(() => {});
      broker.onCall = () => {};
      await run(broker);
      expect({ k, results: shown(broker) }).toEqual({ k, results: shown(undisturbed) });
      expect({ k, ended: broker.sink().ended, isPublished: broker.sink().published > 0 }).toEqual({
        k,
        ended: 1,
        isPublished: true,
      });
    }
  });

  it('repeats a failed call in the next run, and no other; earlier results are committed', async () => {
    const undisturbed = makeBroker(3);
    const all = counting(process, Number.POSITIVE_INFINITY);
    await new WaterMill({ process: all.process, broker: undisturbed } as never).run();
    for (let k = 0; k < all.calls(); k++) {
      const broker = makeBroker(3);
      const failing = counting(process, k);
      const error = await rejection(new WaterMill({ process: failing.process, broker } as never).run());
      expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED', cause: new Error(`call ${k}`) });
      expect(shown(broker)).toEqual(shown(undisturbed).slice(0, failing.results()));
      await new WaterMill({ process, broker } as never).run();
      expect({ k, results: shown(broker) }).toEqual({ k, results: shown(undisturbed) });
    }
  });
});

/** The same process, counting calls and results; its call number `failsAt` throws. */
function counting(process: any, failsAt: number) {
  let calls = 0;
  let results = 0;
  const counted =
    (fn: Function) =>
    (...args: unknown[]) => {
      if (calls++ === failsAt) throw new Error(`call ${failsAt}`);
      const returned = fn(...args);
      results += Array.isArray(returned) ? returned.length : 1;
      return returned;
    };
  const unmatched = process.options.unmatched?.map(([message, fn]: [unknown, Function]) => [message, counted(fn)]);
  return {
    process: Object.freeze({ ...process, fn: counted(process.fn), options: { ...process.options, unmatched } }),
    calls: () => calls,
    results: () => results,
  };
}

describe('a reader whose batches contain the mark of each message', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])(
    'goes on at any message of a batch that has gaps between its positions: %d',
    async (at) => {
      const broker = new ScriptedBroker([[Order, orders(...range(7))]], { batchSize: 4 });
      const connect = broker.connect.bind(broker);
      broker.connect = async (request) => {
        const connection = await connect(request);
        const lanes = [...(connection.lanes() as Iterable<BrokerLane>)].map((lane) => ({
          ...lane,
          openReader: async (...asked: Parameters<BrokerLane['openReader']>) => {
            const reader = await lane.openReader(...asked);
            // Every second position is a message.
            const spread = ({ first, values, ...batch }: Batch): Batch => ({
              ...batch,
              values,
              first: 2 * first,
              positions: values.map((_, i) => 2 * (first + i)),
              markAt: (i) => first + i,
            });
            return Object.assign(Object.create(reader), { read: async () => spread(await reader.read()) });
          },
        }));
        return Object.assign(Object.create(connection), { lanes: () => lanes });
      };
      const seen: number[] = [];
      let fails = true;
      const process = processFunction(Order, {}, ({ time }) => {
        if (fails && time === at) throw new Error('no');
        seen.push(time);
      });
      await rejection(new WaterMill({ process, broker }).run());
      fails = false;
      await new WaterMill({ process, broker }).run();
      expect(seen).toEqual(range(7));
    },
  );
});
