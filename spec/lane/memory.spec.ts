import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import type { TestEdge, TestMatch, TestNode, TestOrder } from '../oracle/tree.js';
import { AliveRuns, peakOfPlaces, peaks, type Stream } from './memory.js';
import { asOf, edge, equally, master, within } from './script.js';

const LENGTH = 1600;

/**
 * The elements that a lane keeps in addition to the necessary ones, for any streams: reused rows and arrays, the last
 * answer, fed elements that were not taken.
 */
const SPARE = 80;

/** A stream up to the key `LENGTH`, defined by the key of each position. */
function stream(keyAt: (position: number) => number, on: (position: number) => number = () => 1): Stream {
  return (position) => {
    const t = keyAt(position);
    return t <= LENGTH ? { t, u: t, a: on(position), v: position % 10 } : undefined;
  };
}

const every = (distance: number): Stream => stream((i) => i * distance);
const manyValues = (values: number): Stream =>
  stream(
    (i) => i,
    (i) => i % values,
  );

type MemoryCase = [name: string, match: TestMatch, on: boolean, M: Stream, C: Stream, bound: number];

// The group of the last call is kept until the next: a group counts twice. The bounds are those of `explain()` for the
// edge; "one ahead" is included.
const edgeCases: MemoryCase[] = [
  ['equal, a long child between two master elements', equally, false, every(700), every(1), 1 + 1],
  ['equal, duplicates', equally, false, every(1), stream((i) => Math.floor(i / 5)), 5 + 1],
  ['equal, skewed groups', equally, false, every(1), stream((i) => Math.floor(i / 300) * 300), 2 * 300 + 1],
  ['equal, a child that ends early', equally, false, every(1), stream((i) => (i < 9 ? i : LENGTH + 1)), 1 + 1],
  [
    'equal, on',
    equally,
    true,
    every(1),
    stream(
      (i) => Math.floor(i / 5),
      (i) => i % 3,
    ),
    5 + 1,
  ],
  ['within, overlapping bands', within(-9, 10), false, every(1), every(1), 20 + 1],
  ['within, bands apart', within(-9, 10), false, every(500), every(1), 20 + 1],
  ['within, ahead', within(50, 60), false, every(1), every(1), 11 + 1],
  ['within, on, many values', within(-9, 10), true, every(1), manyValues(1000), 20 + 1],
  ['as of backward, a long child between two master elements', asOf('backward'), false, every(700), every(1), 1 + 1],
  ['as of backward, duplicates', asOf('backward'), false, every(700), stream((i) => Math.floor(i / 9)), 1 + 1],
  ['as of backward, many of one key', asOf('backward'), false, every(300), stream((i) => Math.floor(i / 300) * 300), 2],
  ['as of backward, tolerance', asOf('backward', 20), false, every(3), every(1), 1 + 1],
  ['as of backward, on', asOf('backward'), true, every(3), manyValues(7), 7 + 1],
  ['as of backward, on, tolerance, many values', asOf('backward', 20), true, every(3), manyValues(5000), 21 + 1],
  ['as of backward, on, tolerance, seldom asked', asOf('backward', 20), true, every(700), manyValues(5000), 21 + 1],
  ['as of forward, a long child between two master elements', asOf('forward'), false, every(700), every(1), 1],
  ['as of forward, duplicates', asOf('forward'), false, every(1), stream((i) => Math.floor(i / 700) * 700), 1],
  ['as of forward, tolerance', asOf('forward', 20), false, every(3), every(1), 1],
  ['as of forward, on, tolerance', asOf('forward', 20), true, every(3), manyValues(5000), 21 + 1],
  ['as of nearest, a long child between two master elements', asOf('nearest'), false, every(700), every(1), 2],
  ['as of nearest, a long master between two child elements', asOf('nearest'), false, every(1), every(700), 2],
  ['as of nearest, tolerance', asOf('nearest', 20), false, every(3), every(1), 2],
  ['as of nearest, on, tolerance', asOf('nearest', 20), true, every(3), manyValues(5000), 41 + 1],
];

const tree = (...args: ConstructorParameters<typeof TreeLane>): TreeLane => new TreeLane(...args);

describe.each(['inner', 'left', 'semi', 'anti'] as const)('memory of an edge, %s', (kind) => {
  test.each(edgeCases)('%s', (_, match, on, M, C, bound) => {
    const root = master([edge(kind, match, 'C', { on })]);
    for (const make of [undefined, tree]) {
      const peak = peaks(root, { M, C }, make);
      expect(peak.M).toBeLessThanOrEqual(1 + SPARE);
      expect(peak.C).toBeLessThanOrEqual(bound + SPARE);
    }
  });
});

/** The elements that a lane is ahead of its calls: the groups of a run. */
const AHEAD = 128;
const BATCH = 100;

describe.each(['inner', 'left', 'semi', 'anti'] as const)('memory of an edge that is fed in batches, %s', (kind) => {
  test.each(edgeCases)('%s', (_, match, on, M, C, bound) => {
    const peak = peaks(master([edge(kind, match, 'C', { on })]), { M, C }, undefined, BATCH);
    expect(peak.M).toBeLessThanOrEqual(1 + SPARE + BATCH);
    expect(peak.C).toBeLessThanOrEqual(bound + SPARE + BATCH + AHEAD);
  });
});

describe('memory of trees', () => {
  const cases: [name: string, root: TestNode, streams: Record<string, Stream>, bounds: Record<string, number>][] = [
    [
      'a wide band with a value for each element: not what has left it',
      master([edge('left', within(-249, 250), 'C', { on: true })]),
      { M: every(1), C: manyValues(5000) },
      { M: 1, C: 500 + 1 },
    ],
    [
      'unmatched: until the master keys have passed them',
      master([edge('left', within(-5, 5), 'C', { unmatched: true })]),
      { M: every(100), C: every(1) },
      { M: 3, C: 11 + 1 },
    ],
    [
      'unmatched, equal, many before the first master element',
      master([edge('inner', equally, 'C', { unmatched: true })]),
      { M: stream((i) => LENGTH - 9 + i), C: every(1) },
      { M: 3, C: 1 + 1 },
    ],
    [
      'slack: what can still be overtaken',
      master([edge('left', equally, 'C', { order: { policy: 'slack', slack: 30, by: 't' } })]),
      { M: every(1), C: stream((i) => i - (i % 7 === 0 ? Math.min(i, 20) : 0)) },
      { M: 1, C: 2 * 31 },
    ],
    [
      'slack of the master',
      master([edge('left', equally)], { order: { policy: 'slack', slack: 30, by: 't' } }),
      { M: every(1), C: every(1) },
      { M: 31, C: 2 },
    ],
    [
      'a subtree below an interval',
      master([edge('inner', within(0, 9), 'B', { below: [edge('inner', equally, 'C')] })]),
      { M: every(1), B: every(1), C: every(1) },
      { M: 1, B: 10 + 1, C: 10 + 1 },
    ],
    [
      'a subtree whose elements mostly fail',
      master([edge('left', asOf('backward'), 'B', { below: [edge('semi', equally, 'C')] })]),
      { M: every(700), B: every(1), C: every(300) },
      { M: 1, B: 2, C: 2 },
    ],
    [
      'a child below a left edge that nobody asks for',
      master([edge('semi', equally, 'A'), edge('left', equally, 'B')]),
      { M: every(1), A: every(700), B: every(1) },
      { M: 1, A: 2, B: 2 },
    ],
  ];

  test.each(cases)('%s', (_, root, streams, bounds) => {
    const peak = peaks(root, streams);
    for (const [name, bound] of Object.entries(bounds)) {
      expect(peak[name]).toBeLessThanOrEqual(bound + SPARE);
    }
  });
});

describe('memory of windows', () => {
  const edges: [name: string, edges: TestEdge[]][] = [
    ['one stream', []],
    ['join', [edge('left', equally)]],
  ];
  const windows = [
    ['tumbling', { type: 'hopping', key: 't', size: 50, every: 50, offset: 0 }, 51],
    ['hopping, each element kept once', { type: 'hopping', key: 't', size: 50, every: 5, offset: 0 }, 56],
    ['sliding', { type: 'sliding', key: 't', size: 50 }, 51],
    ['session', { type: 'session', key: 't', gap: 0 }, 2],
    ['expression', { type: 'expression', key: 'a' }, 51],
    ['count', { type: 'count', size: 50, every: 50 }, 51],
    ['count with a slide', { type: 'count', size: 50, every: 5 }, 56],
    ['count with gaps', { type: 'count', size: 5, every: 500 }, 6],
    ['batch', { type: 'batch', size: 50, timeoutMs: 9 }, 51],
    // Ten values.
    ['tumbling by value', { type: 'hopping', key: 't', size: 50, every: 50, offset: 0, by: 'v' }, 51],
    ['hopping by value, each once', { type: 'hopping', key: 't', size: 50, every: 5, offset: 0, by: 'v' }, 56],
    ['sliding by value', { type: 'sliding', key: 't', size: 50, by: 'v' }, 51],
    ['sessions by value', { type: 'session', key: 't', gap: 5, by: 'v' }, 10],
    ['count by value', { type: 'count', size: 5, every: 5, by: 'v' }, 10 * 5 + 1],
    ['batch by value', { type: 'batch', size: 5, timeoutMs: 9, by: 'v' }, 10 * 5 + 1],
    ['tumbling, folded', { type: 'hopping', key: 't', size: 500, every: 500, offset: 0, by: 'v', folded: true }, 0],
    ['hopping, folded', { type: 'hopping', key: 't', size: 500, every: 50, offset: 0, folded: true }, 0],
    ['count, folded', { type: 'count', size: 100, every: 50, by: 'v', folded: true }, 0],
    ['sliding, folded', { type: 'sliding', key: 't', size: 50, by: 'v', folded: true }, 51],
  ] as const;

  const alive = new AliveRuns();
  const fifties = stream(
    (i) => i,
    (i) => Math.floor(i / 50),
  );

  describe.each(edges)('%s', (_, below) => {
    const long: Stream = (position) => (position < 6400 ? { t: position, u: position } : undefined);
    const moved = alive.add(master(below, { window: { type: 'sliding', key: 't', size: 300 } }), { M: long, C: long });
    test('a window moves its elements without keeping a copy', async () => {
      expect(await moved()).toBeLessThanOrEqual((1 + below.length) * (301 + SPARE));
    });

    const runs = windows.map(([name, window, bound]) => {
      return [name, bound, alive.add(master(below, { window }), { M: fifties, C: every(1) })] as const;
    });
    test.each(runs)('%s', async (_name, bound, peak) => {
      expect(await peak()).toBeLessThanOrEqual((1 + below.length) * (bound + SPARE));
    });
  });

  /** The elements that a lane without rows keeps in addition to the necessary ones. */
  const FEW = 20;
  const orders: [name: string, order: TestOrder][] = [
    ['in order', { policy: 'fail' }],
    ['under slack', { policy: 'slack', slack: 10, by: 't' }],
  ];

  describe.each(orders)('one stream %s, fed in batches', (_, order) => {
    const runs = [...windows, ['none', undefined, 1] as const].map(([name, window, bound]) => {
      return [name, bound, alive.add(master([], { window, order }), { M: fifties }, BATCH)] as const;
    });
    test.each(runs)('%s', async (_name, bound, peak) => {
      // The last called window is kept until the next.
      expect(await peak()).toBeLessThanOrEqual(2 * bound + BATCH + FEW);
    });
  });

  describe.each([10, 33, 100, 200])('under a slack of %i, emitted elements are released', (held) => {
    const order: TestOrder = { policy: 'slack', slack: held, by: 't' };

    const one = alive.add(master([], { order }), { M: every(1) }, BATCH);
    test('one stream', async () => {
      expect(await one()).toBeLessThanOrEqual(held + BATCH + FEW);
    });

    const joined = alive.add(master([edge('left', equally)], { order }), { M: every(1), C: every(1) });
    test('in a tree', async () => {
      expect(await joined()).toBeLessThanOrEqual(held + 2 * FEW);
    });
  });
});

describe('memory of positions and keys', () => {
  const slack: TestOrder = { policy: 'slack', slack: 10, by: 't' };
  const cases: [name: string, root: TestNode][] = [
    ['one stream', master()],
    ['windows', master([], { window: { type: 'sliding', key: 't', size: 20 } })],
    ['sessions by value', master([], { window: { type: 'session', key: 't', gap: 5, by: 'v' } })],
    ['one stream under slack', master([], { order: slack })],
    ['windows under slack', master([], { order: slack, window: { type: 'sliding', key: 't', size: 20 } })],
    ['equal', master([edge('left', equally)])],
    ['within', master([edge('left', within(-9, 10))])],
    ['within, on', master([edge('left', within(-9, 10), 'C', { on: true })])],
    ['as of', master([edge('left', asOf('backward', 20), 'C', { on: true })])],
    ['slack in a tree', master([edge('left', equally, 'C', { order: slack })], { order: slack })],
  ];

  test.each(cases)('does not grow with the stream: %s', (_, root) => {
    const [short, long] = [LENGTH, 2 * LENGTH].map((length) => {
      const of: Stream = (position) =>
        position < length ? { t: position, u: position, a: position, v: position % 10 } : undefined;
      return peakOfPlaces(root, { M: of, C: of });
    });
    expect(long).toBeLessThanOrEqual(1.1 * (short as number));
  });
});
