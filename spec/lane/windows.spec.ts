import type { CallAnswer } from '../../lib/mill/lane/answer.js';
import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import type { Element, TestWindow } from '../oracle/tree.js';
import { Random } from '../support/random.js';
import { laneSpec, type MakeMachine, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';
import { elementOf, master, Script } from './script.js';

const machines: [string, MakeMachine][] = [
  ['a loop of its own', makeOneByOne],
  ['the general machine', (spec, vector) => new TreeLane(spec, vector)],
];

function callsOf(window: TestWindow, elements: Element[], make: MakeMachine) {
  const root = master([], { window });
  const data = { M: elements };
  const whole = run(root, data, new Random(1), { make });
  const ids = whole.given.map((one) => ('call' in one ? one.call.map(({ id }) => id) : []));
  return {
    ids,
    restarted: whole.vectors.map(({ given, vector }) => {
      const again = run(root, data, new Random(2), { make, vector });
      return [...whole.given.slice(0, given), ...again.given].map((one) =>
        'call' in one ? one.call.map(({ id }) => id) : [],
      );
    }),
  };
}

/** Returns all windows of a lane, with their borders. */
function windowsGiven(lane: ReturnType<MakeMachine>): { start: number; end: number; ids: string[] }[] {
  const given: { start: number; end: number; ids: string[] }[] = [];
  for (let answer = lane.next(); answer.what === 'call'; answer = lane.next()) {
    const { start, end, elements } = answer as CallAnswer & { start: number; end: number };
    given.push({ start, end, ids: elements.map((element) => (element as Element).id) });
  }
  return given;
}

describe.each(machines)('windows in %s', (_, make) => {
  test.each([0.1, 0.3, 0.7, 1 / 3, 1.1])('fractional borders: each element is in one window: %d', (size) => {
    const window: TestWindow = { type: 'hopping', key: 't', size, every: size, offset: 0 };
    const elements = Array.from({ length: 120 }, (_, i) => ({ id: `${i}`, t: i / 10 }));
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids.flat()).toEqual(elements.map(({ id }) => id));
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test('fractional borders: an element just below a border is in the window before it, also after a pause', () => {
    const window: TestWindow = { type: 'hopping', key: 't', size: 0.1, every: 0.1, offset: 0 };
    // 6 * 0.1 is above 0.6, and so on.
    const elements = [0.6, 4.6, 4.8, 5.1].map((t, i) => ({ id: `${i}`, t }));
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids).toEqual([['0'], ['1'], ['2'], ['3']]);
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test('fractional borders: overlapping windows are the same after a restart', () => {
    const window: TestWindow = { type: 'hopping', key: 't', size: 0.3, every: 0.1, offset: 0 };
    const elements = Array.from({ length: 60 }, (_, i) => ({ id: `${i}`, t: i * 0.07 }));
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids.length).toBeGreaterThan(elements.length / 2);
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test.each([
    ['in a batch', [['M1', 'M5', 'M6', 'M4']]],
    ['at the beginning of the next batch', [['M1', 'M5', 'M6'], ['M4']]],
  ])('an element out of order is a violation %s, after the windows before it', (_, batches) => {
    const { spec } = laneSpec(master([], { window: { type: 'session', key: 't', gap: 1 } }));
    const lane = make(spec);
    let position = 0;
    for (const ids of batches) {
      lane.feed(0, ids.map(elementOf), position);
      position += ids.length;
    }
    const called = lane.next() as CallAnswer;
    expect(called.elements).toEqual([elementOf('M1')]);
    expect(lane.vector().nodes[0]).toMatchObject({ from: 1, high: [5] });
    expect(lane.next()).toMatchObject({ what: 'violation', position: 3, before: 6, key: 4, problem: 'order' });
    expect(lane.vector().nodes[0]).toMatchObject({ from: 1, high: [5] });
  });

  test.each<[TestWindow, borders: [start: number | undefined, end: number | undefined][]]>([
    [
      { type: 'expression', key: 't' },
      [
        [3, 3],
        [4, 4],
        [9, 9],
      ],
    ],
    [
      { type: 'hopping', key: 't', size: 4, every: 2, offset: 1 },
      [
        [1, 5],
        [3, 7],
        [7, 11],
        [9, 13],
      ],
    ],
    [
      { type: 'sliding', key: 't', size: 2 },
      [
        [1, 3],
        [1, 3],
        [2, 4],
        [7, 9],
      ],
    ],
    [
      { type: 'session', key: 't', gap: 1 },
      [
        [3, 4],
        [9, 9],
      ],
    ],
    [{ type: 'count', size: 4, every: 4 }, [[undefined, undefined]]],
    [{ type: 'batch', size: 4, timeoutMs: 1 }, [[undefined, undefined]]],
  ])('have borders of the type of their keys: %j', (window, borders) => {
    for (const [keys, order] of [
      ['number', { policy: 'fail' }],
      ['bigint', { policy: 'fail' }],
      ['Date', { policy: 'fail' }],
      ['Date', { policy: 'slack', slack: 1, by: 't' }],
    ] as const) {
      const { spec } = laneSpec(master([], { window, order }), keys);
      const lane = make(spec);
      lane.feed(0, ['M3', 'M3b', 'M4', 'M9'].map(elementOf), 0);
      lane.end(0);
      const given: unknown[] = [];
      for (let answer = lane.next(); answer.what === 'call'; answer = lane.next())
        given.push([answer.start, answer.end]);
      const toKey = { number: Number, bigint: BigInt, Date: (number: number) => new Date(number) }[keys];
      expect(given).toEqual(borders.map((pair) => pair.map((border) => border && toKey(border))));
    }
  });

  const at = (ms: number): Date => new Date(ms);

  test.each([
    ['numbers', [5, 5, -0, 0, 6, 5], [['0', '1'], ['2', '3'], ['4'], ['5']]],
    ['bigints', [5n, 5n, 6n, 5n], [['0', '1'], ['2'], ['3']]],
    ['strings', ['', '', 'a', '\u{1f600}'], [['0', '1'], ['2'], ['3']]],
    ['booleans', [true, true, false], [['0', '1'], ['2']]],
    ['Dates', [at(5), at(5), at(6)], [['0', '1'], ['2']]],
    [
      'tuples',
      [
        [6, at(7)],
        [6, at(7)],
        [6, at(8)],
        [5, at(8)],
      ],
      [['0', '1'], ['2'], ['3']],
    ],
  ])('keys of a window by expression are equal by value: %s', (_, keys, apart) => {
    const elements = keys.map((t, i) => ({ id: `${i}`, t }));
    const { ids, restarted } = callsOf({ type: 'expression', key: 't' }, elements, make);
    expect(ids).toEqual(apart);
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test.each([
    ['NaN', [1, 1, 2, Number.NaN, 2]],
    ['infinite', [1, 1, 2, Number.POSITIVE_INFINITY]],
    ['null', [1, 1, 2, null]],
    ['undefined', ['a', 'a', 'b', undefined]],
    ['an invalid Date', [at(1), at(1), at(2), at(Number.NaN)]],
    ['an object', [1, 1, 2, {}]],
    ['an empty tuple', [[1], [1], [2], []]],
    [
      'null in a tuple',
      [
        [1, 'kg'],
        [1, 'kg'],
        [2, 'kg'],
        [2, null],
      ],
    ],
    [
      'NaN in a tuple',
      [
        [1, 1],
        [1, 1],
        [2, 1],
        [2, Number.NaN],
      ],
    ],
    [
      'a tuple in a tuple',
      [
        [1, 1],
        [1, 1],
        [2, 1],
        [2, [1]],
      ],
    ],
    ['a longer tuple', [['x'], ['x'], ['y'], ['y', 'z']]],
    [
      'a tuple of other types',
      [
        ['k', 'v'],
        ['k', 'v'],
        ['k', ''],
        ['k', 0],
      ],
    ],
    ['a Date among numbers', [1, 1, 2, at(2)]],
    ['a bigint among numbers', [1, 1, 2, 2n]],
    ['a boolean among numbers', [1, 1, 2, true]],
    ['a string among numbers', [1, 1, 2, '2']],
  ])('is not a key of a window by expression: %s', (_, keys) => {
    const elements = keys.map((t, i) => ({ id: `${i}`, t }));
    const root = master([], { window: { type: 'expression', key: 't' } });
    const whole = run(root, { M: elements }, new Random(1), { make, batches: [keys.length] });
    expect([whole.given.length, whole.last, whole.broken]).toEqual([1, 'violation', 'M 3']);
    const passing = { ...root, order: { policy: 'skip' as const } };
    const skipping = run(passing, { M: elements }, new Random(1), { make });
    expect([skipping.given.length, skipping.late, skipping.last]).toEqual([2, ['M 3'], 'done']);
    // Even if the first key is before the replay point.
    for (const { given, late, vector } of skipping.vectors) {
      const again = run(passing, { M: elements }, new Random(2), { make, vector });
      expect([given + again.given.length, late + again.late.length]).toEqual([2, 1]);
    }
  });

  test('a value that had no window for a while gets its own again', () => {
    const window: TestWindow = { type: 'hopping', key: 't', size: 10, every: 10, offset: 0, by: 'a' };
    const elements = ['M1/x', 'M2/y', 'M11/w', 'M12/x', 'M21/y', 'M22/z'].map(elementOf);
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids).toEqual(elements.map(({ id }) => [id]));
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test('a batch by value is called once, also if a lane restarts again while catching up', () => {
    const root = master([], { window: { type: 'batch', size: 2, timeoutMs: 1, by: 'a' } });
    const first = new Script(root, { make });
    expect(['M1/x', 'M2/y', 'M3/y'].flatMap((fed) => first.feed(fed))).toEqual(['(M2/y M3/y)']);
    const second = new Script(root, { make, vector: JSON.parse(JSON.stringify(first.lane.vector())) });
    expect(second.feed('M1/x')).toEqual([]);
    const third = new Script(root, { make, vector: JSON.parse(JSON.stringify(second.lane.vector())) });
    const fed = ['M1/x', 'M2/y', 'M3/y', 'M4/x'];
    expect(fed.flatMap((each) => third.feed(each))).toEqual(['(M1/x M4/x)']);
  });

  test.each([1, 3, 5])('batches of 4 have 4 elements, however many are fed at once: %d', (fed) => {
    const elements = Array.from({ length: 11 }, (_, i) => ({ id: `${i}`, t: i }));
    const root = master([], { window: { type: 'batch', size: 4, timeoutMs: 1 } });
    const { given } = run(root, { M: elements }, new Random(1), { make, batches: [fed] });
    expect(given.map((one) => ('call' in one ? one.call.length : 0))).toEqual([4, 4, 3]);
  });

  test.each([0.1, 0.3, 1 / 3, 1.1, 7])(
    'each element is in the windows that contain it, and in no other: %d',
    (every) => {
      for (const factor of [1, 0.7, 2.5, 3]) {
        const size = factor === 1 ? every : every * factor;
        const random = new Random(7);
        for (const from of [0, -50, 1e6, -1e9]) {
          const elements: Element[] = [];
          for (let i = 0, t = from; i < 80; i++, t += random.int(6) * 0.1) elements.push({ id: `${i}`, t });
          const { spec } = laneSpec(master([], { window: { type: 'hopping', key: 't', size, every, offset: 0.05 } }));
          const lane = make(spec);
          lane.feed(0, elements, 0);
          lane.end(0);
          const starts: number[] = [];
          const windowsOf = new Map(elements.map(({ id }) => [id, 0]));
          for (const { start, end, ids } of windowsGiven(lane)) {
            const within = elements.filter((element) => start <= element.t && element.t < end);
            expect(ids).toEqual(within.map(({ id }) => id));
            starts.push(start);
            for (const id of ids) windowsOf.set(id, (windowsOf.get(id) ?? 0) + 1);
          }
          expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
          for (const { id, t } of elements) {
            const near = Math.floor((t - 0.05) / every);
            const numbers = Array.from({ length: 9 }, (_, i) => near - 4 + i);
            const containing = numbers.filter((n) => {
              const start = n * every + 0.05;
              return start <= t && t < (size === every ? (n + 1) * every + 0.05 : start + size);
            });
            expect([id, windowsOf.get(id)]).toEqual([id, containing.length]);
          }
        }
      }
    },
  );
});

test.each<TestWindow>([
  { type: 'hopping', key: 't', size: 100, every: 100, offset: 0 },
  { type: 'session', key: 't', gap: 100 },
  { type: 'count', size: 3, every: 3 },
])('a window has its lowest and highest position, also under slack: $type', (window) => {
  const { spec } = laneSpec(master([], { window, order: { policy: 'slack', slack: 10, by: 't' } }));
  const lane = makeOneByOne(spec);
  lane.feed(0, ['M5', 'M7', 'M6'].map(elementOf), 40, [40, 42, 45]);
  lane.feed(0, ['M1', 'M2'].map(elementOf), 50);
  lane.end(0);
  const { elements, from, to } = lane.next() as CallAnswer;
  const shown = elements.map((element) => (element as Element).id).slice(0, 3);
  expect(shown).toEqual(['M1', 'M2', 'M5']);
  expect([from, to]).toEqual([40, 51]);
});

test.each<TestWindow>([
  { type: 'hopping', key: 't', size: 100, every: 100, offset: 0, by: 'a' },
  { type: 'session', key: 't', gap: 100, by: 'a' },
])('so does a window by value: $type', (window) => {
  const { spec } = laneSpec(master([], { window, order: { policy: 'slack', slack: 10, by: 't' } }));
  const lane = makeOneByOne(spec);
  lane.feed(0, ['M5/x', 'M7/x', 'M6/x'].map(elementOf), 40, [40, 42, 45]);
  lane.feed(0, ['M1/x', 'M2/x'].map(elementOf), 50);
  lane.end(0);
  const { elements, from, to } = lane.next() as CallAnswer;
  expect([elements.length, from, to]).toEqual([5, 40, 51]);
});

test.each([{ fed: [['M5', 'M20', 'M3']] }, { fed: [['M5', 'M20'], ['M3']] }])(
  'a late element is said to be late, where a window may close at the same time: $fed',
  ({ fed }) => {
    const window: TestWindow = { type: 'hopping', key: 't', size: 10, every: 10, offset: 0 };
    const { spec } = laneSpec(master([], { window, order: { policy: 'slack', slack: 10, by: 't' } }));
    const lane = makeOneByOne(spec);
    const answers: string[] = [];
    let position = 0;
    for (const ids of fed) {
      lane.feed(0, ids.map(elementOf), position);
      position += ids.length;
      for (let answer = lane.next(); answer.what !== 'need'; answer = lane.next()) {
        answers.push(answer.what === 'call' ? answer.elements.map((each) => (each as Element).id).join() : answer.what);
      }
    }
    expect(answers.toSorted()).toEqual(['M5', 'late']);
  },
);
