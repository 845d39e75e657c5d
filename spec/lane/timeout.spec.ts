import { oracle } from '../oracle/oracle.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Expected, Shown } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { run } from './harness.js';

/** Returns the elements of all calls, by the value of their window, in order, with their groups. */
function elementsOf({ root, data }: RandomCase, calls: Expected[]): string {
  const by = root.window?.by;
  const values = new Map((data[root.name] ?? []).map((element) => [element.id, by && JSON.stringify(element[by])]));
  const found = calls.flatMap((one) => ('call' in one ? one.call : []));
  const lists = new Map<string | undefined, Shown[]>();
  for (const shown of found) {
    const value = values.get(shown.id);
    lists.set(value, [...(lists.get(value) ?? []), shown]);
  }
  return [...lists]
    .map((list) => JSON.stringify(list))
    .sort()
    .join();
}

/**
 * Checks that with timeouts at random moments, and restarts from every vector, every element is in one window: in
 * order, once.
 */
function checkTimeouts(one: RandomCase): number {
  const want = elementsOf(one, oracle(one.root, one.data).calls);
  const random = new Random(one.seed);
  const whole = run(one.root, one.data, random, { timeouts: 0.5 });
  if (elementsOf(one, whole.given) !== want) throw new Difference('timeouts', one, { given: whole.given });
  for (const { given, vector } of whole.vectors) {
    const again = run(one.root, one.data, random, { vector, timeouts: 0.5, keep: 0 });
    if (elementsOf(one, [...whole.given.slice(0, given), ...again.given]) === want) continue;
    throw new Difference('timeouts and a restart', one, { whole: whole.given, given, vector, again: again.given });
  }
  return whole.vectors.length;
}

const byValue: CaseLimits = { windows: 1, windowTypes: ['expression', 'batch'], by: 1 };

/** Elements of called windows come again, for the sake of elements that may still be unmatched. */
const apart: CaseLimits = {
  windowTypes: ['expression', 'batch'],
  kinds: ['left', 'inner'],
  matches: ['equal', 'within'],
  by: 0,
  folded: 0,
};

describe('poll timeouts', () => {
  test.each<[string, CaseLimits, number]>([
    ['one stream', { maxNodes: 1, policies: false, windows: 1, windowTypes: ['expression', 'batch'] }, 300],
    ['one stream by value', { ...byValue, maxNodes: 1, policies: false }, 300],
    ['tree by value', { ...byValue, maxNodes: 3, unmatched: 0 }, 500],
    ['tree', { maxNodes: 3, windows: 1, windowTypes: ['expression', 'batch'], unmatched: 0 }, 500],
    ['tree with a method for unmatched elements', { ...apart, maxNodes: 3, windows: 1, unmatched: 1 }, 300],
  ])('%s: no element is lost or in two windows after any restart', (_, limits, quick) => {
    const count = shareOfCases(quick, 20);
    let restarts = 0;
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++)
      restarts += checkTimeouts(randomCase(seed, limits));
    expect(restarts).toBeGreaterThan(count);
  });
});
