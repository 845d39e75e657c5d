import { type CaseLimits, randomCase } from '../oracle/random-case.js';
import { cases, firstSeed, isDeep, shareOfCases } from '../support/cases.js';
import { checkCase } from './check-case.js';
import { featuresOf } from './features.js';

const shapes: [name: string, limits: CaseLimits, cases: number][] = [
  ['everything', {}, 1250],
  ['one stream', { maxNodes: 1, windowTypes: ['expression'], policies: false }, 500],
  [
    'flat joins on equal keys',
    { matches: ['equal'], depth: 1, policies: false, unmatched: 0, on: 0, windows: 0 },
    1500,
  ],
  ['flat joins', { depth: 1, policies: false, unmatched: 0, on: 0.5, windows: 0 }, 1500],
  ['flat joins of two streams', { maxNodes: 2, depth: 1, policies: false, unmatched: 0, on: 0.8, windows: 0 }, 1000],
  ['inner', { kinds: ['inner'], maxNodes: 4, windows: 0.2 }, 500],
  ['left', { kinds: ['left'], maxNodes: 4, windows: 0.2 }, 500],
  ['semi', { kinds: ['semi'], maxNodes: 4, windows: 0.2 }, 750],
  ['anti', { kinds: ['anti'], maxNodes: 4, windows: 0.2 }, 750],
  ['unmatched', { kinds: ['inner', 'left'], matches: ['equal', 'within'], unmatched: 1, maxNodes: 4 }, 1000],
  ['within', { matches: ['within'], maxNodes: 4, windows: 0.2 }, 500],
  ['as of', { matches: ['asOf'], maxNodes: 3, windows: 0.2 }, 1500],
  ['on', { on: 1, maxNodes: 3, windows: 0.2 }, 500],
  [
    'on values of several types',
    { on: 1, maxNodes: 4, windows: 0.2, mixed: 0.7, orders: ['fail', 'skip'], disorder: true, by: 0 },
    500,
  ],
  ['windows', { windows: 1, maxNodes: 3 }, 1750],
  ['windows on one stream', { windows: 1, maxNodes: 1, length: 14 }, 1000],
  ['windows by value', { windows: 1, by: 1, maxNodes: 3 }, 750],
  ['windows by value on one stream', { windows: 1, by: 1, maxNodes: 1, length: 14 }, 750],
  ['calendar windows', { windows: 1, windowTypes: ['calendar'], maxNodes: 3, length: 14 }, 400],
  ['calendar windows on one stream', { windows: 1, windowTypes: ['calendar'], maxNodes: 1, length: 20 }, 300],
  ['one stream under slack', { orders: ['slack'], maxNodes: 1, windows: 0.8, length: 14 }, 1000],
  ['skip and slack', { orders: ['skip', 'slack'], maxNodes: 3, windows: 0.3 }, 750],
  ['elements that break the order', { disorder: true, policies: false, maxNodes: 3, windows: 0.3 }, 750],
];

describe('the lane equals the nested-loop oracle, and so do its restarts', () => {
  const seen = new Map<string, number>();

  test.each(shapes)('%s', (_, limits, quick) => {
    let restarts = 0;
    const count = shareOfCases(quick, shapes.length);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const one = randomCase(seed, limits);
      restarts += checkCase(one, { keep: isDeep() ? 1 : 0.12 });
      for (const feature of featuresOf(one.root)) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    }
    expect(restarts).toBeGreaterThan(count / 2);
  });

  (isDeep() ? test.skip : test)('every kind, way, window and policy was in hundreds of cases or more', () => {
    expect([...seen.keys()].sort()).toEqual(allFeatures);
    expect([...seen].filter(([name, times]) => times < cases(name.startsWith('by value') ? 250 : 500))).toEqual([]);
  });
});

const allFeatures = [
  'inner',
  'left',
  'semi',
  'anti',
  'unmatched',
  'on',
  'equal',
  'within',
  ...['backward', 'forward', 'nearest'].flatMap((way) => [`as of, ${way}, any distance`, `as of, ${way}, tolerance`]),
  ...['none', 'expression', 'hopping', 'sliding', 'session', 'calendar', 'count', 'batch'].map(
    (window) => `window: ${window}`,
  ),
  ...['expression', 'hopping', 'sliding', 'session', 'calendar', 'count', 'batch'].map(
    (window) => `by value: ${window}`,
  ),
  'folded',
  ...['fail', 'skip', 'slack'].map((policy) => `order: ${policy}`),
].sort();
