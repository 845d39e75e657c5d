import { field, joinStreams, joinWith, message, processFunction, type RunReport, WaterMill } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, Sale, Third } from './support/model.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);

const leftJoin = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
);
const countPrices = processFunction(leftJoin, { emits: [Sale] }, (order, found) =>
  message(Sale, { id: `${order.time}:${found.of(order).length}`, amount: 0 }),
);

/** Counts the prices of each order, without prices while they are silent for 100 ms. */
function startCounting(
  liveOrders: ScriptedStream,
  livePrices: ScriptedStream,
  onBadMessage: 'skip' | 'fail' = 'fail',
): { clock: VirtualClock; broker: ScriptedBroker; run: Promise<RunReport> } {
  const clock = new VirtualClock();
  const broker = new ScriptedBroker([
    [Order, liveOrders],
    [Price, livePrices],
  ]);
  const inputs = [
    // biome-ignore lint/suspicious/noThenProperty: the option is called so
    [Price, { order: 'skip', onBadMessage, idle: { afterMs: 100, then: 'ignore' } }],
  ] as const;
  return { clock, broker, run: new WaterMill({ process: countPrices, broker, clock, inputs }).run() };
}

describe("the idle policy 'ignore'", () => {
  it('continues without the stream, counts the calls, and passes over elements that come too late', async () => {
    const live = new ScriptedStream(prices(0), true);
    const { clock, broker, run } = startCounting(new ScriptedStream(orders(0, 1, 2), false), live);
    await clock.advance(99);
    expect(ids(broker)).toEqual([]);
    await clock.advance(1);
    expect(ids(broker)).toEqual(['0:1', '1:0', '2:0']);
    live.push(...prices(1, 3));
    live.end();
    const report = await run;
    expect(report).toMatchObject({ calls: 3, forcedCalls: 3 });
    expect(String(report)).toContain('3 calls, 3 without waiting for a silent stream');
  });

  it('waits for the stream again after its next element, even if none is requested', async () => {
    const liveOrders = new ScriptedStream(orders(0, 1), true);
    const livePrices = new ScriptedStream(prices(0), true);
    const { clock, broker, run } = startCounting(liveOrders, livePrices);
    await clock.advance(100);
    expect(ids(broker)).toEqual(['0:1', '1:0']);
    livePrices.push(...prices(1, 2, 2));
    livePrices.end();
    await settled();
    liveOrders.push(...orders(2));
    liveOrders.end();
    const report = await run;
    expect(ids(broker)).toEqual(['0:1', '1:0', '2:2']);
    expect(report.nodes[1]).toMatchObject({ read: 4, late: 1, matched: 3 });
    expect(report.forcedCalls).toBe(2);
  });

  describe('while it continues without a stream', () => {
    const withoutPrices = async (onBadMessage: 'skip' | 'fail') => {
      const liveOrders = new ScriptedStream(orders(0, 1), true);
      const livePrices = new ScriptedStream(prices(0), true);
      const { clock, broker, run } = startCounting(liveOrders, livePrices, onBadMessage);
      await clock.advance(100);
      expect(ids(broker)).toEqual(['0:1', '1:0']);
      const runToItsEnd = async () => {
        await settled();
        liveOrders.push(...orders(2));
        liveOrders.end();
        return run;
      };
      return { broker, livePrices, runToItsEnd };
    };
    const bad = { time: 'bad' };

    it.each([1, 100])('%d bad messages do not end the ignoring, and the next element does', async (count) => {
      const { broker, livePrices, runToItsEnd } = await withoutPrices('skip');
      livePrices.push(...Array.from({ length: count }, () => bad));
      await settled();
      livePrices.push(...prices(2, 2));
      livePrices.end();
      const report = await runToItsEnd();
      expect(ids(broker)).toEqual(['0:1', '1:0', '2:2']);
      expect(report.nodes[1]).toMatchObject({ read: 3, matched: 3, bad: count });
      expect(report.forcedCalls).toBe(2);
    });

    it('a bad message fails the run, if that is the policy', async () => {
      const { broker, livePrices, runToItsEnd } = await withoutPrices('fail');
      livePrices.push(bad, ...prices(2));
      await expect(runToItsEnd()).rejects.toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 1 } });
      expect(ids(broker)).toEqual(['0:1', '1:0']);
    });

    it('a stream that cannot be read fails the run', async () => {
      const { broker, livePrices, runToItsEnd } = await withoutPrices('skip');
      livePrices.fail(new Error('no connection'));
      await expect(runToItsEnd()).rejects.toThrow('reading stream-1: no connection');
      expect(ids(broker)).toEqual(['0:1', '1:0']);
    });
  });

  it('does so for each of several streams', async () => {
    const clock = new VirtualClock();
    const live = [new ScriptedStream(orders(0, 1), true), new ScriptedStream(prices(0), true)] as const;
    const thirds = new ScriptedStream(orders(0), true);
    const broker = new ScriptedBroker([
      [Order, live[0]],
      [Price, live[1]],
      [Third, thirds],
    ]);
    const byTime = { left: field(Order, 'time'), kind: 'left' } as const;
    const tree = joinStreams(
      Order,
      joinWith(Price, { ...byTime, right: field(Price, 'time') }),
      joinWith(Third, { ...byTime, right: field(Third, 'time') }),
    );
    const process = processFunction(tree, { emits: [Sale] }, (order, found, third) =>
      message(Sale, { id: `${order.time}:${found.of(order).length},${third.of(order).length}`, amount: 0 }),
    );
    // biome-ignore lint/suspicious/noThenProperty: the option is called so
    const idle = { afterMs: 100, then: 'ignore' } as const;
    const inputs = [
      [Price, { order: 'skip', idle }],
      [Third, { order: 'skip', idle }],
    ] as const;
    const run = new WaterMill({ process, broker, clock, inputs }).run();
    await clock.advance(100);
    await clock.advance(100);
    expect(ids(broker)).toEqual(['0:1,1', '1:0,0']);
    live[1].push(...prices(2));
    live[1].end();
    await settled();
    thirds.push(...orders(2));
    thirds.end();
    await settled();
    live[0].push(...orders(2));
    live[0].end();
    const report = await run;
    expect(ids(broker)).toEqual(['0:1,1', '1:0,0', '2:1,1']);
    expect(report.forcedCalls).toBe(2);
  });
});
