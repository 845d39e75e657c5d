import { randomCase } from '../oracle/random-case.js';
import { checkCase } from './check-case.js';

const CASES = Number(process.env.WATERMILL_CASES ?? 1500);
const SEED = Number(process.env.WATERMILL_SEED ?? 1);

describe('the lane equals the nested-loop oracle, and so do its restarts', () => {
  test.each([
    ['one stream', { maxNodes: 1 }],
    ['flat joins on equal keys', { matches: ['equal'], depth: 1, policies: false, unmatched: 0, on: 0, windows: 0 }],
    ['everything', {}],
    [
      'inner joins on equal keys',
      { kinds: ['inner'], matches: ['equal'], policies: false, unmatched: 0, on: 0, windowTypes: ['expression'] },
    ],
  ] as const)('%s', (_, limits) => {
    let restarts = 0;
    for (let seed = SEED; seed < SEED + CASES; seed++) restarts += checkCase(randomCase(seed, limits as object));
    expect(restarts).toBeGreaterThan(CASES);
  });
});
