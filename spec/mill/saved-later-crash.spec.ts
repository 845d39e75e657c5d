import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DataKey,
  EndOfStream,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { LaterSaver } from './support/later-saver.js';
import { LateOrder, Order, orders, Price, prices, range, Sale } from './support/model.js';
import { ScriptedBroker } from './support/scripted-broker.js';
import type { Broker } from './support/seam.js';
import { watched } from './support/watched-broker.js';

const values = orders(...range(120).map((i) => (i % 7 === 5 ? i - 4 : i)));
const other = prices(...range(130).filter((i) => i % 5 !== 3));
const sale = (id: string, amount: number): Sale => message(Sale, { id, amount });
const key = { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' } as const;
const full = joinStreams(Order, joinWith(Price, key));
const windowed = joinStreams(tumblingWindow(Order, field(Order, 'time'), { size: 4 }), joinWith(Price, key));
const inputs = [[Order, { order: { skip: true, late: LateOrder } }]] as const;

/** Every call has none to two results, later; unmatched prices have one at once. */
const makers = {
  'a full join': (saver: LaterSaver) =>
    processFunction(
      full,
      { inject: [DataKey], emits: [Sale], unmatched: [[Price, ({ amount }) => sale('nobody', amount)]] },
      ({ id, time }, found, dataKey) => saver.add(dataKey, time % 3 === 0 ? [] : [sale(id, 0), sale(id, found.size)]),
    ),
  'windows over a join': (saver: LaterSaver) =>
    processFunction(windowed, { inject: [DataKey], emits: [Sale] }, (members, found, dataKey) =>
      saver.add(dataKey, [sale(members.map(({ id }) => id).join('+'), found.size)]),
    ),
  'calls of which one ends the stream': (saver: LaterSaver) =>
    processFunction(Order, { inject: [DataKey], emits: [Sale] }, ({ id, time }, dataKey) => {
      saver.add(dataKey, [sale(id, 0)]);
      return time === 90 ? [sale(id, 1), new EndOfStream()] : undefined;
    }),
};

/**
 * Runs with a crash at the k-th broker call, in steps, each with saves in another order; then runs to the end. Returns
 * the calls.
 */
async function crashAtCalls<B extends Broker>(
  make: () => B,
  run: (broker: Broker, random: Random) => Promise<unknown>,
  shown: (broker: B) => unknown,
  step: number,
): Promise<number> {
  const undisturbed = make();
  await run(undisturbed, new Random(0));
  const expected = shown(undisturbed);
  for (let k = 1; ; k += step) {
    const broker = make();
    let calls = 0;
    let isCrashed = false;
    // Half of the brokers fail once only, so that the mill commits what it can.
    const failsOnce = new Random(k).chance(0.5);
    // A dead process holds no locks, so its closes are executed.
    const crashing = watched(broker, (call) => {
      if (call === 'close' || ++calls < k || (isCrashed && failsOnce)) return;
      isCrashed = true;
      throw new Error('crash');
    });
    await run(crashing, new Random(k)).catch(() => {});
    await run(broker, new Random(k + 1));
    expect({ k, shown: shown(broker) }).toEqual({ k, shown: expected });
    if (!isCrashed) return calls;
  }
}

function runner(makeProcess: (saver: LaterSaver) => object, elements: number) {
  return (broker: Broker, random: Random) => {
    const saver = new LaterSaver(random);
    const process = makeProcess(saver);
    const maxOpen = random.pick([1, 2, 7, 40, 1000]);
    const mill = new WaterMill({ process, broker, inputs, maxOpen, commitEvery: { elements } } as never);
    saver.mill = mill;
    return mill.run();
  };
}

describe.each(Object.entries(makers))('%s, saved later in a random order', (_, makeProcess) => {
  it.each([1, 7, 200])('loses and doubles nothing by a crash at any broker call (batches of %d)', async (batchSize) => {
    const calls = await crashAtCalls(
      () =>
        new ScriptedBroker(
          [
            [Order, values],
            [Price, other],
          ],
          { batchSize, isAsync: batchSize === 7 },
        ),
      runner(makeProcess, 5),
      (broker) => [broker.written(Sale), broker.written(LateOrder), broker.sink().ended],
      stride(batchSize === 1 ? 14 : 2),
    );
    expect(calls).toBeGreaterThan(20);
  });
});

it('over memory, loses and doubles nothing by a crash at any call', async () => {
  const calls = await crashAtCalls(
    () =>
      new MemoryMessageBroker([
        [Order, values],
        [Price, other],
      ]),
    runner(makers['a full join'], 5),
    (broker) => [broker.written(Sale), broker.written(LateOrder), broker.ended(Sale)],
    1,
  );
  expect(calls).toBeGreaterThan(20);
});

it('over files, loses and doubles nothing by a crash at any call', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'watermill-'));
  const place = (name: string): string => path.join(folder, name);
  writeFileSync(place('orders.json'), JSON.stringify(values));
  writeFileSync(place('prices.json'), JSON.stringify(other));
  let outputs = 0;
  const calls = await crashAtCalls(
    () => {
      outputs++;
      return new JsonFileMessageBroker(
        [
          [Order, place('orders.json')],
          [Price, place('prices.json')],
          [Sale, place(`sales-${outputs}.json`)],
          [LateOrder, place(`late-${outputs}.json`)],
        ],
        { group: 'saved-later' },
      );
    },
    runner(makers['windows over a join'], 50),
    () => [readFileSync(place(`sales-${outputs}.json`), 'utf8'), readFileSync(place(`late-${outputs}.json`), 'utf8')],
    1,
  );
  expect(calls).toBeGreaterThan(10);
  rmSync(folder, { recursive: true });
});
