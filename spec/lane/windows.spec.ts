import type { CallAnswer } from '../../lib/mill/lane/answer.js';
import { Lane } from '../../lib/mill/lane/lane.js';
import type { Element, TestWindow } from '../oracle/tree.js';
import { Random } from '../support/random.js';
import { laneSpec, type MakeMachine, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';
import { elementOf, master } from './script.js';

const machines: [string, MakeMachine][] = [
  ['a loop of its own', makeOneByOne],
  ['the general machine', (spec, vector) => new Lane(spec, vector)],
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

describe.each(machines)('windows in %s', (_, make) => {
  test.each([0.1, 0.3, 0.7, 1 / 3, 1.1])('borders of fractions: every %d each element is in one window', (size) => {
    const window: TestWindow = { type: 'hopping', key: 't', size, every: size, offset: 0 };
    const elements = Array.from({ length: 120 }, (_, i) => ({ id: `${i}`, t: i / 10 }));
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids.flat()).toEqual(elements.map(({ id }) => id));
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test('borders of fractions: an element just below one is in the window before it, also behind a pause', () => {
    const window: TestWindow = { type: 'hopping', key: 't', size: 0.1, every: 0.1, offset: 0 };
    // 6 * 0.1 is above 0.6, and so for the others.
    const elements = [0.6, 4.6, 4.8, 5.1].map((t, i) => ({ id: `${i}`, t }));
    const { ids, restarted } = callsOf(window, elements, make);
    expect(ids).toEqual([['0'], ['1'], ['2'], ['3']]);
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test('borders of fractions: windows that overlap are the same after a restart', () => {
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
  ])('say their borders, as the keys are: %j', (window, borders) => {
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

  test('keys of a window by expression are equal by value, and never to one of another type', () => {
    const at = (ms: number): Date => new Date(ms);
    const keys = [5, at(5), at(5), at(6), null, at(6), '6', 6n, 6, [6, 7], [6, 7], [6, 8], undefined, null, [6, 8]];
    const elements = keys.map((t, i) => ({ id: `${i}`, t }));
    const { ids, restarted } = callsOf({ type: 'expression', key: 't' }, elements, make);
    const apart = [
      ['0'],
      ['1', '2'],
      ['3'],
      ['4'],
      ['5'],
      ['6'],
      ['7'],
      ['8'],
      ['9', '10'],
      ['11'],
      ['12'],
      ['13'],
      ['14'],
    ];
    expect(ids).toEqual(apart);
    for (const again of restarted) expect(again).toEqual(ids);
  });

  test.each([[[1, 1, 2, Number.NaN, 2]], [[Number.NaN]]])('NaN is no key of a window by expression: %j', (keys) => {
    const elements = keys.map((t, i) => ({ id: `${i}`, t }));
    const data = { M: elements };
    const window: TestWindow = { type: 'expression', key: 't' };
    const { given, last, broken } = run(master([], { window }), data, new Random(1), { make, batches: [keys.length] });
    expect({ calls: given.length, last, broken }).toEqual({
      calls: keys.length > 1 ? 1 : 0,
      last: 'violation',
      broken: `M ${keys.findIndex(Number.isNaN)}`,
    });
  });

  test('a key of a window by expression may be anything but NaN', () => {
    const keys = [1, undefined, undefined, null, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const elements = keys.map((t, i) => ({ id: `${i}`, t }));
    const { ids, restarted } = callsOf({ type: 'expression', key: 't' }, elements, make);
    expect(ids).toEqual([['0'], ['1', '2'], ['3'], ['4'], ['5']]);
    for (const again of restarted) expect(again).toEqual(ids);
  });
});

test.each<TestWindow>([
  { type: 'hopping', key: 't', size: 100, every: 100, offset: 0 },
  { type: 'session', key: 't', gap: 100 },
  { type: 'count', size: 3, every: 3 },
])('a window says its lowest and highest position, also under slack: $type', (window) => {
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
