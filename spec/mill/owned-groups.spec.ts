import {
  BadMessage,
  field,
  hoppingWindow,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  processFunction,
  slidingWindow,
  WaterMill,
  WaterMillError,
} from 'watermill';
import { Call, treeMill } from '../kafka/support/tree-mill.js';
import { oracle } from '../oracle/oracle.js';
import { type CaseLimits, randomCase } from '../oracle/random-case.js';
import type { Data, TestWindow } from '../oracle/tree.js';
import { firstSeed, repeatBy, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Next, Order, orders, Price, prices } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

/** Changes an array randomly. */
function spoilArray(random: Random, array: unknown[]): void {
  const ways = [
    () => array.pop(),
    () => array.shift(),
    () => array.push({ id: 'intruder' }, { id: 'intruder' }),
    () => array.unshift({ id: 'intruder' }),
    () => array.reverse(),
    () => array.fill({ id: 'intruder' }),
    () => {
      array.length = 0;
    },
  ];
  random.pick(ways)();
}

/** Changes all arguments of a call except its elements. */
function spoil(random: Random, given: readonly unknown[]): void {
  for (const one of given) {
    if (Array.isArray(one)) spoilArray(random, one);
    if (!(one instanceof Map)) continue;
    for (const group of one.values()) if (random.chance(0.8)) spoilArray(random, group as unknown[]);
    const ways = [() => {}, () => one.clear(), () => [...one.keys()].forEach((key) => void one.set(key, []))];
    random.pick(ways)();
  }
}

/** Without batch windows, which close by the clock. */
const windowTypes: TestWindow['type'][] = ['expression', 'hopping', 'sliding', 'session', 'count'];
const flat: CaseLimits = { depth: 1, policies: false, unmatched: 0, windows: 0, length: 14 };

const shapes: [name: string, limits: CaseLimits, cases: number][] = [
  ['everything', { windowTypes, maxNodes: 5 }, 200],
  ['flat joins on equal keys', { ...flat, matches: ['equal'], kinds: ['inner', 'left'], on: 0, maxNodes: 2 }, 150],
  ['flat joins of several streams', { ...flat, kinds: ['inner', 'left'], on: 0.3 }, 150],
  ['the same where every stream may be reordered', { ...flat, kinds: ['inner', 'left'], policies: true }, 100],
  ['one stream', { maxNodes: 1, windows: 1, windowTypes, length: 14 }, 100],
  ['windows', { windows: 1, windowTypes, kinds: ['inner', 'left'], maxNodes: 3 }, 150],
  [
    'unmatched',
    { kinds: ['inner', 'left'], matches: ['equal', 'within'], unmatched: 1, maxNodes: 4, windowTypes },
    100,
  ],
];

/** The interruption of a run: a call that fails after changing its arguments, or a stop. */
type Cut = 'never' | 'fails' | 'stops';

describe('a call that changes all its arguments affects neither other calls nor the machine', () => {
  test.each(shapes)('%s', async (_, limits, quick) => {
    const seeds = Array.from({ length: shareOfCases(quick, shapes.length) }, (_, i) => firstSeed() + i);
    let calls = 0;
    for (const seed of seeds) calls += await check(seed, limits);
    // A few cases may have none.
    if (seeds.length >= 25) expect(calls).toBeGreaterThan(seeds.length);
  });

  async function check(seed: number, limits: CaseLimits): Promise<number> {
    const { root, data } = randomCase(seed, limits);
    const random = new Random(seed * 31);
    const parsed = JSON.parse(JSON.stringify(data)) as Data;
    const want = oracle(root, parsed).calls.map((call) => JSON.stringify(call));
    const cut = random.pick<Cut>(['never', 'fails', 'stops']);
    const cutAt = random.int(want.length + 1);
    let calls = 0;
    let mill: WaterMill<any> | undefined;
    const plan = planOf(() =>
      treeMill(root, (given) => {
        spoil(random, given);
        if (calls++ !== cutAt) return;
        if (cut === 'fails') throw new Error('cut');
        if (cut === 'stops') void mill?.stop();
      }),
    );
    if (plan === undefined) return 0;
    const entries = [...plan.classes].map(([name, message]) => [message, parsed[name] as object[]] as const);
    const broker = new ScriptedBroker(entries, { batchSize: random.pick([1, 2, 5, 100]) });
    const { process, inputs } = plan;
    for (let runs = 0; runs < 2; runs++) {
      mill = new WaterMill({ process, inputs, broker, commitEvery: { elements: random.pick([1, 3, 100]) } });
      await mill.run().catch((error) => {
        if (!/: cut\./.test(error.message)) throw error;
      });
    }
    const found = broker.written(Call).map(({ text }) => text);
    if (found.join('\n') === want.join('\n')) return found.length;
    const repeat = repeatBy(seed);
    throw new Error(`seed ${seed}, ${cut} at ${cutAt}: ${JSON.stringify({ root, parsed, found, want })}; ${repeat}`);
  }
});

/** Returns undefined for a tree that a mill refuses. */
function planOf<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof WaterMillError) return undefined;
    throw error;
  }
}

const onTime = { left: field(Order, 'time'), right: field(Price, 'time') };
const twice = prices(1, 1);

describe.each(['fail', 'skip'] as const)('with order: %s', (order) => {
  const inputs = [[Order, { order }]] as const;

  it.each(['pop', 'reverse', 'sort', 'push', 'shift'] as const)(
    '%s on a group is seen by no other call',
    async (way) => {
      const seen: number[] = [];
      const process = processFunction(joinStreams(Order, joinWith(Price, onTime)), {}, (one, found) => {
        const group = found.of(one);
        seen.push(group.length);
        if (way === 'push') group.push(group[0] as Price);
        else group[way]();
      });
      await new WaterMill({ process, inputs, broker: broker() }).run();
      expect(seen).toEqual([2, 2, 2]);
    },
  );

  const ways: [name: string, way: object][] = [
    ['on equal keys', {}],
    ['within an interval', { within: [-1, 1] }],
    ['as of', { asOf: 'backward' }],
  ];
  it.each(ways)('the empty group of a left join can be pushed to: %s', async (_, way) => {
    const tree = joinStreams(Order, joinWith(Price, { ...onTime, ...way, kind: 'left' }));
    const seen: number[] = [];
    const process = processFunction(tree, {}, (one, found) => {
      seen.push(found.of(one).length);
      found.of(one).push({ time: 0, amount: 0 });
    });
    await new WaterMill({ process, inputs, broker: broker(prices(5)) }).run();
    expect(seen).toEqual([0, 0, 0]);
  });

  it('the groups of one call are separate arrays: in a window, and below nested edges', async () => {
    const within = joinStreams(
      hoppingWindow(Order, field(Order, 'time'), { size: 10, every: 10 }),
      joinWith(Price, onTime),
    );
    const seen: number[] = [];
    const inWindow = processFunction(within, {}, (members, found) => {
      for (const one of members) seen.push(found.of(one).splice(0).length);
    });
    await new WaterMill({ process: inWindow, inputs, broker: broker() }).run();
    const below = joinWith(Price, { left: field(Next, 'time'), right: field(Price, 'time') });
    const tree = joinStreams(
      Order,
      joinWith(joinStreams(Next, below), { left: field(Order, 'time'), right: field(Next, 'time') }),
    );
    const nested = processFunction(tree, {}, (one, next, found) => {
      for (const each of next.of(one)) seen.push(found.of(each).splice(0).length);
    });
    await new WaterMill({ process: nested, inputs, broker: broker() }).run();
    expect(seen).toEqual([...new Array(3).fill(2), ...new Array(9).fill(2)]);
  });
});

it('the elements of a window that a call has emptied are counted, and are in its dead letter', async () => {
  const windows = slidingWindow(Order, field(Order, 'time'), { size: 5 });
  const process = processFunction(windows, { onError: { deadLetter: BadMessage } }, (members) => {
    members.length = 0;
    throw new Error('emptied');
  });
  const memory = broker();
  await new WaterMill({ process, broker: memory }).run();
  expect(memory.written(BadMessage).map(({ raw }) => [JSON.parse(raw)].flat().length)).toEqual([1, 2, 3]);
});

it('a window whose call fails after emptying its array is called again by the next run', async () => {
  const windows = slidingWindow(Order, field(Order, 'time'), { size: 5 });
  const memory = broker();
  let fails = true;
  const sizes: number[] = [];
  const process = processFunction(windows, {}, (members) => {
    sizes.push(members.splice(0).length);
    if (fails && sizes.length === 2) throw new Error('once');
  });
  await rejection(new WaterMill({ process, broker: memory }).run());
  fails = false;
  await new WaterMill({ process, broker: memory }).run();
  expect(sizes).toEqual([1, 2, 2, 3]);
});

function broker(found: readonly object[] = twice) {
  return new MemoryMessageBroker([
    [Order, orders(1, 1, 1)],
    [Next, orders(1, 1, 1)],
    [Price, found as any],
  ]);
}
