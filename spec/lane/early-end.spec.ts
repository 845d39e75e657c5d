import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Element } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Difference } from './difference.js';
import { laneSpec, type MakeMachine } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

/** Returns how much of its master a lane takes if it has all elements of all streams. */
function taken({ root, data }: RandomCase, make: MakeMachine): number {
  const { spec, names } = laneSpec(root);
  const lane = make(spec);
  names.forEach((name, node) => {
    lane.feed(node, data[name] as Element[], 0);
    lane.end(node);
  });
  while (lane.next().what !== 'done');
  return (lane.nodes[0] as (typeof lane.nodes)[number]).inbox.unread;
}

describe('an early end', () => {
  const two: CaseLimits = { maxNodes: 2, depth: 1, policies: false, unmatched: 0, on: 0, windows: 0, length: 12 };

  test('the lane of two streams takes no more of its master than the tree machine', () => {
    let early = 0;
    const count = shareOfCases(1000, 20);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const one = randomCase(seed, two);
      const own = taken(one, makeOneByOne);
      const general = taken(one, (spec, vector) => new TreeLane(spec, vector));
      if (own > general) throw new Difference('an end is late', one, { own, general });
      if (own < (one.data.N0 as Element[]).length) early++;
    }
    expect(early).toBeGreaterThan(count / 20);
  });
});
