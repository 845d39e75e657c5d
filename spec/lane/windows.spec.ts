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
