import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Broker,
  batchWindow,
  DataKey,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  table,
  tumblingWindow,
  WaterMill,
  WaterMillError,
} from 'watermill';
import { type Flow, flow } from 'watermill/flow';
import { explore, replay } from 'watermill/testing';
import { Order, orders, Price, prices, range, Sale, sell, tree } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { cases, isDeep } from '../support/cases.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { plantedFaults } from './planted-faults.js';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** Sixteen orders, some at equal times, and prices at most times, sometimes two. */
const inputs = [
  [Order, orders(...range(16).map((i) => i - (i % 4 === 3 ? 1 : 0)))],
  [Price, prices(...range(18).flatMap((i) => (i % 7 === 5 ? [] : i % 3 === 2 ? [i, i] : [i])))],
] as const;

const folder = directory.newPath;
const sale = (id: string, amount: number): Sale => message(Sale, { id, amount });
const makeMill = (process: object, options: object = {}) => {
  return (broker: Broker) => new WaterMill({ process, broker, ...options } as never);
};
const counting = (): object => {
  let count = 0;
  return processFunction(Order, { emits: [Sale] }, ({ id }) => sale(id, ++count));
};
const countingMill = (broker: Broker) => makeMill(counting())(broker);
/** A flow with state per key, which passes nothing on until a state is complete. */
const countsOfThree = (steps: Flow<typeof Order, Order>): object =>
  steps
    .keyBy(({ time }) => time % 3)
    .reduce('counts', Sale, {
      first: ({ id }) => sale(id, 1),
      add: ({ id, amount }) => sale(id, amount + 1),
      complete: ({ amount }) => amount === 3,
    })
    .to(Sale);

describe('explore finds a fault:', () => {
  it.each(plantedFaults.map((fault) => [fault.what, fault] as const))('%s', async (_, { plant, likely, most = 5 }) => {
    const fixture = folder();
    const error = await rejection(explore(plant(), { inputs, runs: 200, seed: 1, fixture }));
    expect(error).toMatchObject({ code: 'WM_EXPLORE', details: { seed: 1, fixture } });
    expect(error.message).toMatch(likely);
    expect(error.details.elements).toBeLessThanOrEqual(most);
  });

  it.each([1, -3, 1_795_937_379_500, Number.MAX_SAFE_INTEGER])(
    'other schedules in each run, from seed %d',
    async (seed) => {
      /** The number of calls of each mill before it ended. */
      const calls: number[] = [];
      const counted = (broker: Broker) => {
        const run = calls.push(0) - 1;
        return new WaterMill({ process: processFunction(Order, {}, () => void calls[run]!++), broker });
      };
      await explore(counted, { inputs: [[Order, orders(...range(20))]], runs: 60, seed });
      expect(new Set(calls).size).toBeGreaterThan(12);
    },
  );

  it('explore ends soon with very many results per call, without a fault', async () => {
    const many = processFunction(Order, { emits: [Sale] }, ({ id }) => range(130_000).map((i) => sale(id, i)));
    await explore(makeMill(many), { inputs: [[Order, orders(1)]], runs: 1 });
  });

  (isDeep() ? it : it.skip)('calls that wait for each other, and a mill that always stands still', async () => {
    const waitForNext = (broker: Broker) => {
      let wake: (() => void) | undefined;
      const inPairs = processFunction(Order, { emits: [Sale], concurrency: 4 }, async ({ id }) => {
        const before = wake;
        wake = undefined;
        if (before === undefined) await new Promise<void>((resolve) => (wake = resolve));
        before?.();
        return sale(id, 1);
      });
      return makeMill(inPairs)(broker);
    };
    const error = await rejection(explore(waitForNext, { inputs: [[Order, orders(...range(8))]], fixture: folder() }));
    expect(error).toMatchObject({ code: 'WM_EXPLORE', details: { kind: 'standstill' } });
    expect(error.message).toMatch(/the mill is stuck, but not .*is processing Order at position .*wait for each other/);
    const never = processFunction(Order, {}, () => new Promise<void>(() => {}));
    const still = await rejection(explore(makeMill(never), { inputs: [inputs[0]] }));
    expect(still.message).toMatch(/^explore\(\): without being disturbed the mill has done nothing for 10 s: Lane 0/);
  });

  it('explore finds them with other seeds as well', async () => {
    for (const { what, plant } of plantedFaults.slice(0, isDeep() ? undefined : 4)) {
      const { details } = await rejection(explore(plant(), { inputs, seed: 77, fixture: folder() }));
      expect({ what, isSmall: (details.elements as number) <= 10 }).toEqual({ what, isSmall: true });
    }
  });
});

describe('explore finds no fault in', () => {
  const left = { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' } as const;
  const windowed = joinStreams(tumblingWindow(Order, field(Order, 'time'), { size: 4 }), joinWith(Price, left));
  const names = (members: readonly Order[]) => members.map(({ id }) => id).join('+');

  it.each<[string, () => (broker: Broker) => WaterMill<any>]>([
    ['a join', () => makeMill(sell)],
    [
      'a process that formats null, which is a time',
      () => {
        const zero = () => new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(null as never);
        return makeMill(processFunction(Order, { emits: [Sale] }, () => sale(zero(), 1)));
      },
    ],
    [
      'an async process over windows',
      () =>
        makeMill(
          processFunction(windowed, { emits: [Sale] }, async (members, found) => {
            await new Promise(setImmediate);
            return sale(names(members), found.size);
          }),
        ),
    ],
    [
      'a generator with unmatched elements, whose groups are changed',
      () =>
        makeMill(
          processFunction(
            joinStreams(Order, joinWith(Price, left)),
            { emits: [Sale], unmatched: [[Price, ({ amount }) => sale('nobody', amount)]] },
            function* ({ id }, found) {
              for (const group of found.values()) while (group.length > 0) yield sale(id, group.pop()!.amount);
            },
          ),
        ),
    ],
    [
      'calls that fail and are skipped',
      () =>
        makeMill(
          processFunction(Order, { emits: [Sale], onError: 'skip' }, ({ id, time }) => {
            if (time % 5 === 0) throw new Error('no luck');
            return sale(id, time);
          }),
        ),
    ],
    [
      'windows that the clock closes: time does not pass then',
      () =>
        makeMill(
          processFunction(batchWindow(Order, { size: 5, timeoutMs: 1_000 }), { emits: [Sale] }, (members) =>
            sale(names(members), 0),
          ),
        ),
    ],
    [
      'one object for the results of all calls',
      () => {
        const reused = sale('', 0);
        return makeMill(
          processFunction(Order, { emits: [Sale] }, ({ id, time }) => Object.assign(reused, { id, amount: time })),
        );
      },
    ],
    [
      'a flow with an open list, which a call that did not run leaves as it is',
      () =>
        makeMill(
          flow(Order)
            .batch({ size: 4 })
            .map((members) => sale(names(members), members.length))
            .to(Sale),
        ),
    ],
    [
      'a flow with state per key, which passes nothing on until it is complete',
      () => makeMill(countsOfThree(flow(Order))),
    ],
    ['an async flow with state per key', () => makeMill(countsOfThree(flow(Order).map(async (order) => order)))],
    [
      'a few objects that are emptied and filled again in each call',
      () => {
        const kept = [sale('a', 0), sale('b', 0), sale('c', 0)];
        return makeMill(
          processFunction(Order, { emits: [Sale] }, ({ time }) => {
            for (const each of kept) each.amount = 0;
            kept[time % 3]!.amount = 1 + time;
            return kept.filter(({ amount }) => amount > 0);
          }),
        );
      },
    ],
  ])('%s', async (_, plant) => {
    await explore(plant(), { inputs, runs: cases(8) });
  });

  it.each([0, 1])('%d elements', async (count) => {
    await explore(makeMill(sell), {
      inputs: [
        [Order, orders(...range(count))],
        [Price, []],
      ],
      runs: cases(30),
    });
  });

  it('results that are saved later', async () => {
    await explore(
      (broker) => {
        const mill: WaterMill<any> = makeMill(
          processFunction(tree, { inject: [DataKey], emits: [Sale] }, ({ id }, found, key) => {
            setImmediate(() => mill.saveResults(key, sale(id, found.size)));
          }),
        )(broker);
        return mill;
      },
      { inputs, runs: cases(8) },
    );
  });

  it('a table, and concurrent calls', async () => {
    const counts = table(Sale, { key: field(Sale, 'id'), name: 'counts' });
    const counting = processFunction(Order, { inject: [counts], emits: [Sale] }, ({ time }, kept) => {
      const id = `${time % 3}`;
      const counted = sale(id, (kept.get(id)?.amount ?? 0) + 1);
      kept.put(counted);
      return counted;
    });
    await explore(makeMill(counting), { inputs, runs: cases(12) });
    const concurrent = processFunction(Order, { emits: [Sale], concurrency: 3 }, async ({ id, time }) => {
      for (let turns = time % 3; turns > 0; turns--) await new Promise(setImmediate);
      return sale(id, time);
    });
    await explore(makeMill(concurrent), { inputs, runs: cases(12) });
  });

  it('streams of several lanes, one of which is empty on one stream', async () => {
    const fixture = folder();
    for (const [file, lines] of [
      ['Order/0', inputs[0][1]],
      ['Order/1', orders(1, 2, 3)],
      ['Price/1', prices(2, 3)],
    ] as const) {
      mkdirSync(path.join(fixture, 'inputs', path.dirname(file)), { recursive: true });
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      writeFileSync(path.join(fixture, 'inputs', `${file}.ndjson`), text);
    }
    await explore(makeMill(sell), { inputs: fixture, runs: cases(8) });
    const error = await rejection(explore(countingMill, { inputs: fixture, fixture: folder() }));
    expect(error).toMatchObject({ code: 'WM_EXPLORE', details: { stream: 'Sale', elements: 2 } });
    expect(readdirSync(path.join(String(error.details.fixture), 'inputs/Order'))).toEqual(['0.ndjson', '1.ndjson']);
  });
});

describe('a fault found by explore', () => {
  it('is a fixture of the smallest input, which replays, and which explore finds again at once', async () => {
    const fixture = folder();
    const error = await rejection(explore(countingMill, { inputs, seed: 7, fixture }));
    const { details } = error;
    expect(details).toMatchObject({ stream: 'Sale', at: 1, expected: { id: 'o1', amount: 2 }, seed: 7, elements: 2 });
    expect(readFileSync(path.join(fixture, 'inputs/Order.ndjson'), 'utf8')).toBe(
      '{"time":0,"id":"o0"}\n{"time":1,"id":"o1"}\n',
    );
    expect(readFileSync(path.join(fixture, 'inputs/Price.ndjson'), 'utf8')).toBe('');
    const note = JSON.parse(readFileSync(path.join(fixture, 'explore.json'), 'utf8'));
    expect(note).toMatchObject({ seed: 7, words: details.schedule, likely: details.likely });
    expect(error.message).toContain(details.schedule);
    expect(error.message).toContain(fixture);

    expect(await replay(fixture, countingMill)).toEqual([]);
    const again = await rejection(explore(countingMill, { inputs: fixture, runs: 1, fixture }));
    expect(again.details).toMatchObject({ stream: 'Sale', at: 1, elements: 2, schedule: details.schedule });
  });

  it('is the same for the same seed', async () => {
    const { plant } = plantedFaults.find(({ what }) => what.startsWith('the last price'))!;
    const fixture = folder();
    const [one, other] = [1, 2].map(() => rejection(explore(plant(), { inputs, seed: 5, fixture })));
    expect((await one)!.message).toBe((await other)!.message);
  });

  it('is in a temporary folder by default', async () => {
    const { details } = await rejection(explore(countingMill, { inputs: [inputs[0]], runs: 20 }));
    expect(readFileSync(path.join(String(details.fixture), 'inputs/Order.ndjson'), 'utf8')).toContain('o0');
  });

  it('is reported as well if its inputs cannot be written', async () => {
    // With Node's own way of creating parents, it never ended.
    const error = await rejection(explore(countingMill, { inputs, seed: 7, fixture: '/proc/no/fixture' }));
    expect(error.details).toMatchObject({ stream: 'Sale', at: 1, seed: 7, elements: 2, fixture: undefined });
    expect(error.message).toMatch(
      /The inputs could not be written as a fixture: ENOENT.* Explore again with this seed and another folder\.$/,
    );
    expect(error.cause).toMatchObject({ syscall: 'mkdir' });
  });

  it('names the disturbance without which it does not fail', async () => {
    let isFirst = true;
    const impatient = processFunction(Order, { emits: [Sale] }, ({ id }) => {
      if (!isFirst) throw new Error('was here before');
      isFirst = id !== 'o2';
      return sale(id, 1);
    });
    const error = await rejection(explore(makeMill(impatient), { inputs: [inputs[0]], fixture: folder() }));
    expect(error.message).toMatch(/the mill failed, but not where nothing was disturbed: .*was here before/);
  });
});

describe('explore', () => {
  it('restores the globals of the process, and replaces them for one exploration at a time', async () => {
    const globals = () => [
      Date,
      Math.random,
      performance.now,
      process.hrtime,
      randomBytes,
      randomInt,
      randomUUID,
      setTimeout,
      sleep,
      crypto.randomUUID,
      crypto.getRandomValues,
      process.uptime,
      Object.getOwnPropertyDescriptors(Intl.DateTimeFormat.prototype),
      process.listeners('unhandledRejection').length,
      process.listeners('uncaughtException').length,
    ];
    const before = globals();
    await Promise.allSettled([
      explore(makeMill(sell), { inputs, runs: 5 }),
      explore(countingMill, { inputs, runs: 20, fixture: folder() }),
      explore(makeMill(sell), { inputs, runs: 5 }),
    ]);
    expect(globals()).toEqual(before);
  });

  it.each<[string, 'performance' | 'crypto', object | undefined]>([
    ['that cannot be replaced', 'performance', Object.freeze({ now: () => 0 })],
    ['that the environment does not have', 'crypto', undefined],
  ])('restores the globals also with one %s', async (_, name, value) => {
    const [before, own] = [Date, Object.getOwnPropertyDescriptor(globalThis, name)];
    Object.defineProperty(globalThis, name, { value, configurable: true });
    try {
      const explored = explore(makeMill(sell), { inputs, runs: 2 });
      if (value === undefined) await explored;
      else await expect(explored).rejects.toThrow(/Cannot redefine property: now/);
      expect(Date).toBe(before);
    } finally {
      Object.defineProperty(globalThis, name, own as PropertyDescriptor);
      globalThis.Date = before;
    }
  });

  it('fails with the mill’s own error if that fails without a disturbance', async () => {
    const unordered = [[Order, orders(2, 1)], inputs[1]] as const;
    expect(await rejection(explore(makeMill(sell), { inputs: unordered }))).toMatchObject({
      code: 'WM_ORDER_VIOLATED',
    });
    expect(await rejection(explore(makeMill(sell), { inputs: [inputs[0]] }))).toMatchObject({
      code: 'WM_STREAM_MISSING',
    });
  });

  it('overwrites only fixtures that it has written', async () => {
    const fixture = folder();
    mkdirSync(path.join(fixture, 'inputs'), { recursive: true });
    const error = await rejection(explore(countingMill, { inputs, fixture }));
    expect(error).toMatchObject({
      code: 'WM_FIXTURE',
      message: expect.stringMatching(/has not written: name another one/),
    });
    expect(await rejection(explore(countingMill, { inputs: 'no such folder' }))).toMatchObject({ code: 'WM_FIXTURE' });
  });

  const other = new MemoryMessageBroker([[Order, orders(1)]]);
  it.each<[string, unknown, unknown, RegExp]>([
    ['no function', sell, { inputs }, /expected a function that makes a mill/],
    ['no options', countingMill, undefined, /expected options \{ inputs \}, found undefined/],
    ['an unknown option', countingMill, { inptus: [] }, /explore\(\) has no option "inptus". Did you mean inputs\?/],
    [
      'no inputs',
      countingMill,
      {},
      /expected the path of a fixture, or entries \[Class, elements\], as inputs, found undefined/,
    ],
    ['an entry without elements', countingMill, { inputs: [[Order]] }, /expected entries \[Class, elements\]/],
    ['a class twice', countingMill, { inputs: [inputs[0], inputs[0]] }, /expected one entry of each class/],
    [
      'runs that are no number',
      countingMill,
      { inputs, runs: 0 },
      /expected runs of 1 or more, a whole number, found 0/,
    ],
    ['a seed that is none', countingMill, { inputs, seed: 1.5 }, /expected a whole number as seed, found 1\.5/],
    ['a folder without a name', countingMill, { inputs, fixture: '' }, /expected the path of a folder, found ""/],
    ['no mill', () => undefined, { inputs }, /expected that the function returns a WaterMill, found undefined/],
    ['another broker', () => countingMill(other), { inputs }, /expected that the mill has the broker/],
    [
      'results that go elsewhere',
      makeMill(sell, { outputBroker: new MemoryMessageBroker() }),
      { inputs },
      /expected that the mill writes to the broker/,
    ],
    [
      'an exploration within one',
      async (broker: Broker) => {
        await Promise.resolve();
        await explore(countingMill, { inputs });
        return countingMill(broker);
      },
      { inputs },
      /expected a call outside of the mills that are explored/,
    ],
  ])('refuses %s', async (_, make, options, text) => {
    const error = await rejection(explore(make as never, options as never));
    expect(error).toBeInstanceOf(WaterMillError);
    expect(error).toMatchObject({ code: 'WM_TEST_KIT', message: expect.stringMatching(text) });
  });
});
