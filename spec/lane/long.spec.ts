import { type CaseLimits, randomCase } from '../oracle/random-case.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { checkCase } from './check-case.js';

/** More than the elements taken at once, the calls of a run, and the initial capacity of arrays. */
const LENGTH = 300;
const BATCHES = [3, 40, 300];

describe('long streams, fed in large batches', () => {
  test.each<[string, CaseLimits]>([
    ['one stream', { maxNodes: 1, policies: false, windows: 0.7 }],
    ['one stream under slack', { maxNodes: 1, orders: ['slack'], windows: 0.7 }],
    ['flat joins', { maxNodes: 3, depth: 1, policies: false, unmatched: 0, windows: 0 }],
    ['trees', { maxNodes: 4 }],
  ])('%s: equal the oracle, and so do their restarts', (_, limits) => {
    const count = shareOfCases(20, 400);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      checkCase(randomCase(seed, { ...limits, length: LENGTH }), { keep: 0.03, batches: BATCHES });
    }
  });
});
