import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import { oracle } from '../oracle/oracle.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Element } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type MakeMachine, type Moment, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

const treeOnly: MakeMachine = (spec, vector) => new TreeLane(spec, vector);

/**
 * Ends a lane before the whole of its master has arrived, and continues with the rest. Checks that the calls of both are
 * those of the oracle.
 */
function checkGrowth(one: RandomCase, make: MakeMachine): 'grown' | 'ended early' {
  const { root, data, seed } = one;
  const random = new Random(seed + 7);
  const masters = data[root.name] as Element[];
  const kept = random.int(masters.length + 1);
  const first = run(root, { ...data, [root.name]: masters.slice(0, kept) }, random, { make });
  const { ended, ...vector } = (first.vectors.at(-1) as Moment).vector;
  const second = run(root, data, random, { make, vector, keep: 0 });
  const found = [...first.given, ...second.given];
  const wanted = oracle(root, data).calls;
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Difference('a grown master differs', one, {
      kept,
      vector,
      first: first.given,
      second: second.given,
      wanted,
    });
  return ended === 'master' && kept < masters.length ? 'grown' : 'ended early';
}

describe('a lane whose master has ended continues with what was appended to it: the calls are those for the whole', () => {
  // Windows and unmatched elements depend on the end.
  const plain: CaseLimits = { windows: 0, unmatched: 0, length: 10 };
  const shapes: [name: string, limits: CaseLimits, make: MakeMachine][] = [
    ['flat lanes', { ...plain, policies: false, depth: 1, maxNodes: 3 }, makeOneByOne],
    ['flat trees in the tree machine', { ...plain, policies: false, depth: 1, maxNodes: 3 }, treeOnly],
    ['trees', plain, makeOneByOne],
  ];

  test.each(shapes)('%s', (_, limits, make) => {
    let grown = 0;
    const count = shareOfCases(1000, shapes.length);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const one = randomCase(seed, limits);
      // Under slack an appended element may be late for those that the end has released.
      if (one.root.order.policy === 'slack') continue;
      if (checkGrowth(one, make) === 'grown') grown++;
    }
    expect(grown).toBeGreaterThan(count / 4);
  });
});
