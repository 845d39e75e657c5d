import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import { continued } from '../../lib/mill/resume/lane-vector.js';
import { oracle } from '../oracle/oracle.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Element } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type MakeMachine, type Moment, type Run, run } from './harness.js';
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
  const { ended } = (first.vectors.at(-1) as Moment).vector;
  const vector = continued((first.vectors.at(-1) as Moment).vector);
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
    const count = shareOfCases(400, shapes.length);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const one = randomCase(seed, limits);
      // Under slack an appended element may be late for those that the end has released.
      if (one.root.order.policy === 'slack') continue;
      if (checkGrowth(one, make) === 'grown') grown++;
    }
    expect(grown).toBeGreaterThan(count / 4);
  });
});

/**
 * Ends a lane before the whole of its master has arrived, and continues with the rest; also again from one vector of
 * that. Checks that the master elements that count as matched are those in calls, and returns how many were read after the
 * first end and are in none.
 */
function checkCounts(one: RandomCase, make: MakeMachine): number {
  const { root, data, seed } = one;
  const random = new Random(seed + 7);
  const masters = data[root.name] as Element[];
  const kept = random.int(masters.length + 1);
  const lanes: LaneMachine[] = [];
  const made: MakeMachine = (spec, vector) => {
    lanes.push(make(spec, vector));
    return lanes.at(-1) as LaneMachine;
  };
  const called = new Set<string>();
  const note = ({ given }: Run): void => {
    for (const answer of given) if ('call' in answer) for (const { id } of answer.call) called.add(id);
  };
  // Under slack, elements that are read again and were done do not count.
  const isReordered = root.order.policy === 'slack';
  const check = (from: number, to: number): void => {
    const { read, matched, passedOver, late } = (lanes.at(-1) as LaneMachine).counts(0);
    const taken = to - from;
    const wanted = masters.slice(from, to).filter(({ id }) => called.has(id)).length;
    const isRight = matched <= wanted && passedOver + late <= taken - wanted && matched + passedOver + late === read;
    if (isRight && (isReordered ? read <= taken : read === taken)) return;
    const counts = { read, matched, passedOver, late };
    throw new Difference('the counts of a grown master differ', one, { kept, from, to, counts, wanted });
  };

  const first = run(root, { ...data, [root.name]: masters.slice(0, kept) }, random, { make: made });
  note(first);
  check(0, first.unread[0] as number);
  const vector = continued((first.vectors.at(-1) as Moment).vector);
  const second = run(root, data, random, { make: made, vector });
  note(second);
  check(vector.nodes[0]?.from as number, second.unread[0] as number);
  const again = random.pick(second.vectors).vector;
  const third = run(root, data, random, { make: made, vector: again, keep: 0 });
  check(again.nodes[0]?.from as number, third.unread[0] as number);
  const missing = masters.flatMap(({ id }, i) => (i < kept || called.has(id) ? [] : [`${root.name} ${i}`]));
  if (root.window === undefined && root.edges.length === 0) {
    const lost = missing.filter((place) => !second.late.includes(place));
    if (lost.length > 0) throw new Difference('a grown stream has lost elements', one, { kept, lost });
  }
  return missing.length;
}

describe('appended elements count as passed over if the end had closed their windows, and as late if later ones are done', () => {
  // By value, and if elements are adjacent, appended elements are in windows of their own.
  const windows: CaseLimits = { windows: 1, windowTypes: ['hopping', 'hopping', 'count', 'session'], by: 0, folded: 0 };
  const shapes: [name: string, limits: CaseLimits, make: MakeMachine][] = [
    ['one stream', { ...windows, maxNodes: 1, policies: false, length: 12 }, makeOneByOne],
    ['one stream in the tree machine', { ...windows, maxNodes: 1, policies: false, length: 12 }, treeOnly],
    ['one stream under slack', { ...windows, windows: 0.6, maxNodes: 1, orders: ['slack'], length: 12 }, makeOneByOne],
    [
      'one stream under slack in the tree machine',
      { ...windows, windows: 0.6, maxNodes: 1, orders: ['slack'] },
      treeOnly,
    ],
    ['trees', { ...windows, policies: false, unmatched: 0, kinds: ['left', 'inner'], length: 12 }, makeOneByOne],
  ];

  test.each(shapes)('%s', (_, limits, make) => {
    let passedOver = 0;
    const count = shareOfCases(150, shapes.length);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      passedOver += checkCounts(randomCase(seed, limits), make);
    }
    expect(passedOver).toBeGreaterThan(count / 20);
  });
});

/** The ids of the master elements in calls, in order. */
function calledIn({ given }: Pick<Run, 'given'>): string[] {
  return given.flatMap((answer) => ('call' in answer ? answer.call.map(({ id }) => id) : []));
}

it.each(['expression', 'batch', 'session', 'calendar'] as const)(
  'a restart while the end of a stream closes windows (%s), after which the stream has grown, calls no element twice',
  (type) => {
    const apart: CaseLimits = { windows: 1, windowTypes: [type], by: 0, folded: 0, policies: false, unmatched: 1 };
    const limits: CaseLimits = { ...apart, kinds: ['left', 'inner'], length: 12 };
    let continued = 0;
    for (let seed = firstSeed(); seed < firstSeed() + shareOfCases(40, 4); seed++) {
      const { root, data } = randomCase(seed, limits);
      const random = new Random(seed + 7);
      const masters = data[root.name] as Element[];
      const short = { ...data, [root.name]: masters.slice(0, random.int(masters.length + 1)) };
      const first = run(root, short, random, { keep: 1 });
      for (const { given, vector } of first.vectors) {
        if (vector.ended !== undefined) continue;
        const again = run(root, data, random, { vector, keep: 0 });
        const found = calledIn({ given: [...first.given.slice(0, given), ...again.given] });
        expect([seed, given, found]).toEqual([seed, given, [...new Set(found)]]);
        continued += found.length;
      }
    }
    expect(continued).toBeGreaterThan(100);
  },
);
