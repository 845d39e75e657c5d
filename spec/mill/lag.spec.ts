import { field, joinStreams, joinWith, message, processFunction, WaterMill } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Alarm, Order, orders, Price, prices, Sale } from './support/model.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const tree = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), asOf: 'backward', kind: 'left' }),
);

/** A mill whose prices may lag behind its orders by 10, with the reported events. */
function watching(broker: ScriptedBroker, more: object = {}, mill: object = {}) {
  const told: unknown[] = [];
  const lag = {
    behind: Order,
    threshold: 10,
    onDown: (each: object) => void told.push(['down', each]),
    onUp: (each: object) => void told.push(['up', each]),
  };
  const process = processFunction(tree, { emits: [Sale] }, (order, found) =>
    message(Sale, { id: order.id, amount: found.first(order)?.time ?? -1 }),
  );
  const inputs = [[Price, { lag, ...more }]] as any;
  return { told, mill: new WaterMill({ process, broker, inputs, ...mill } as any) };
}

function streams(batchSize = 1) {
  const [order, price] = [new ScriptedStream([], true), new ScriptedStream([], true)];
  return {
    order,
    price,
    broker: new ScriptedBroker(
      [
        [Order, order],
        [Price, price],
      ],
      { batchSize },
    ),
  };
}

describe('lag', () => {
  it('is reported once when it begins and once when it is over; if the join waits, no result is wrong', async () => {
    const { order, price, broker } = streams();
    const { told, mill } = watching(broker);
    const run = mill.run();
    order.push(...orders(0));
    price.push(...prices(0));
    await settled();
    order.push(...orders(5, 10));
    await settled();
    // Exactly the threshold is not above it.
    expect(told).toEqual([]);
    order.push(...orders(11));
    await settled();
    order.push(...orders(12, 30));
    await settled();
    expect(told).toEqual([['down', { lane: '0', by: 11 }]]);
    price.push(...prices(29));
    await settled();
    expect(told).toHaveLength(1);
    price.push(...prices(30));
    await settled();
    expect(told.slice(1)).toEqual([['up', { lane: '0', by: 0, resultsFrom: undefined }]]);
    order.push(...orders(41));
    await settled();
    expect(told.slice(2)).toEqual([['down', { lane: '0', by: 11 }]]);
    price.end();
    await settled();
    // An ended stream is not behind.
    expect(told.slice(3)).toMatchObject([['up', {}]]);
    order.end();
    await run;
    expect(broker.written(Sale).map(({ amount }) => amount)).toEqual([0, 0, 0, 0, 0, 30, 30]);
  });

  it('reports the position from which results were made without it, if it is not waited for', async () => {
    const clock = new VirtualClock();
    const { order, price, broker } = streams();
    const then = 'ignore';
    const { told, mill } = watching(broker, { order: 'skip', idle: { afterMs: 100, then } }, { clock });
    const run = mill.run();
    order.push(...orders(0));
    price.push(...prices(0, 1));
    await clock.advance(10);
    order.push(...orders(20, 21));
    await clock.advance(10);
    expect(told).toEqual([['down', { lane: '0', by: 19 }]]);
    await clock.advance(200);
    expect(broker.written(Sale)).toHaveLength(3);
    price.push(...prices(25));
    await clock.advance(10);
    expect(told.slice(1)).toEqual([['up', { lane: '0', by: 0, resultsFrom: 1 }]]);
    order.end();
    price.end();
    await run;
  });

  it('is remembered over a restart: a reported lag is not reported again', async () => {
    const { order, price, broker } = streams();
    order.push(...orders(0, 5, 20));
    price.push(...prices(0, 1));
    const first = watching(broker);
    const run = first.mill.run();
    await settled();
    expect(first.told).toEqual([['down', { lane: '0', by: 19 }]]);
    await first.mill.stop();
    await run;
    const second = watching(broker);
    const again = second.mill.run();
    await settled();
    expect(second.told).toEqual([]);
    price.push(...prices(20));
    await settled();
    expect(second.told).toEqual([['up', { lane: '0', by: 0, resultsFrom: undefined }]]);
    await second.mill.stop();
    await again;
    const third = watching(broker);
    const last = third.mill.run();
    order.end();
    price.end();
    await last;
    expect(third.told).toEqual([]);
  });

  it.each([
    ['within the slack', { slack: 100 }],
    ['skipped', 'skip'],
  ])('compares the highest keys, also if the last element read has a lower one: %s', async (_, order) => {
    const { order: ahead, price, broker } = streams(10);
    const { told, mill } = watching(broker, { order });
    const run = mill.run();
    price.push(...prices(0, 70, 50));
    ahead.push(...orders(0, 75));
    await settled();
    expect(told).toEqual([]);
    ahead.push(...orders(81));
    await settled();
    expect(told).toEqual([['down', { lane: '0', by: 11 }]]);
    ahead.end();
    price.end();
    await run;
  });

  it('passes over keys that are none', async () => {
    const { order, price, broker } = streams();
    const { told, mill } = watching(broker, { order: 'skip' });
    const run = mill.run();
    price.push(...prices(Number.NaN, 0));
    order.push(...orders(0, 20));
    await settled();
    expect(told).toEqual([['down', { lane: '0', by: 20 }]]);
    order.end();
    price.end();
    await run;
  });

  it('is remembered for the two streams that were compared, whatever else the next run watches', async () => {
    const told: string[] = [];
    const lag = (name: string) => ({
      behind: Order,
      threshold: 10,
      onDown: () => void told.push(`${name} down`),
      onUp: () => void told.push(`${name} up`),
    });
    const keys = { left: field(Order, 'time'), asOf: 'backward', kind: 'left' } as const;
    const both = joinStreams(
      Order,
      joinWith(Price, { ...keys, right: field(Price, 'time') }),
      joinWith(Alarm, { ...keys, right: (alarm) => Number(alarm.text) }),
    );
    const [order, price, alarm] = [0, 0, 0].map(() => new ScriptedStream([], true)) as [any, any, any];
    const streamsOf: [any, ScriptedStream][] = [
      [Order, order],
      [Price, price],
      [Alarm, alarm],
    ];
    const broker = new ScriptedBroker(streamsOf, { batchSize: 1 });
    const runWith = async (inputs: any): Promise<string[]> => {
      const process = processFunction(both, { emits: [Sale] }, () => {});
      const mill = new WaterMill({ process, broker, inputs });
      const run = mill.run();
      await settled();
      await mill.stop();
      await run;
      return told.splice(0);
    };
    order.push(...orders(0, 20));
    price.push(...prices(20));
    alarm.push(message(Alarm, { text: '0' }));
    expect(await runWith([[Alarm, { lag: lag('alarm') }]])).toEqual(['alarm down']);
    const withPrice = [
      [Price, { lag: lag('price') }],
      [Alarm, { lag: lag('alarm') }],
    ];
    expect(await runWith(withPrice)).toEqual([]);
    alarm.push(message(Alarm, { text: '20' }));
    expect(await runWith(withPrice)).toEqual(['alarm up']);
  });

  it('does not end the run if a callback throws', async () => {
    const { order, price, broker } = streams();
    order.push(...orders(0, 20));
    price.push(...prices(0));
    const logged: string[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (_: object, text: string) => void logged.push(text),
    };
    const onDown = (): never => {
      throw new Error('no');
    };
    const { mill } = watching(broker, { lag: { behind: Order, threshold: 1, onDown } }, { logger });
    const run = mill.run();
    await settled();
    expect(logged).toEqual(['A callback of lag threw; the run continues']);
    order.end();
    price.end();
    await run;
  });

  it.each([
    [1_000, 1],
    [1_100, 0],
  ])('looks at most 1,024 elements ahead: %i is passed %i times', async (threshold, times) => {
    const { order, price, broker } = streams(1_000);
    const told: unknown[] = [];
    const lag = { behind: Order, threshold, onDown: (each: object) => void told.push(each) };
    const { mill } = watching(broker, { lag });
    const run = mill.run();
    price.push(...prices(0));
    for (let from = 0; from < 3_000; from += 1_000) {
      order.push(...orders(...Array.from({ length: 1_000 }, (_, i) => from + i)));
    }
    await settled();
    expect(told).toHaveLength(times);
    order.end();
    price.end();
    await run;
  });

  it('is shown by explain()', () => {
    expect(watching(streams().broker).mill.explain()).toContain('    behind Order by more than 10: reported\n');
  });

  it.each([
    [5, 'lag: expected { behind, threshold, onDown, onUp }, found'],
    [{ behind: Sale, threshold: 1 }, 'lag.behind: expected another class that is read (Order), found'],
    [{ behind: Price, threshold: 1 }, 'lag.behind: expected another class that is read (Order), found'],
    [{ behind: Order }, 'lag.threshold: expected a number, 0 or more, to go with Price.time, found'],
    [{ behind: Order, threshold: 1n }, 'lag.threshold: expected a number'],
    [{ behind: Order, threshold: -1 }, 'lag.threshold: expected a number'],
    [{ behind: Order, threshold: 1, onUp: 5 }, 'lag.onUp: expected a function, found'],
    [{ behind: Order, threshold: 1, onLate: 5 }, 'has no option "onLate"'],
  ])('refuses %p', (lag, sentence) => {
    expect(() => watching(streams().broker, { lag })).toThrow(sentence);
  });
});
