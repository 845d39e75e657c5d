import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { NodeCounts } from '../../lib/mill/lane/node-counts.js';
import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Data, Element, Expected, Shown } from '../oracle/tree.js';
import { firstSeed, isDeep, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type MakeMachine, type Run, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

/** Makes a lane, and checks after each answer that elements that counted as passed over stay so. */
function watched(lanes: LaneMachine[]): MakeMachine {
  return (spec, vector) => {
    const lane = makeOneByOne(spec, vector);
    lanes.push(lane);
    const next = lane.next.bind(lane);
    let before = lane.nodes.map(() => 0);
    lane.next = () => {
      const answer = next();
      const passedOver = lane.nodes.map((node) => node.passedOver);
      if (passedOver.some((count, i) => count < (before[i] as number))) {
        throw new Error(`passed over were ${before}, and then ${passedOver}`);
      }
      before = passedOver;
      return answer;
    };
    return lane;
  };
}

/** Returns the numbers of elements of each node in calls and their groups. */
function inCalls({ data }: RandomCase, { given }: Run): Map<string, number> {
  const ids = new Set<string>();
  const visit = ({ id, groups }: Shown): void => {
    ids.add(id);
    for (const child of groups.flat()) visit(child);
  };
  for (const one of given) if ('call' in one) one.call.forEach(visit);
  return new Map(
    Object.entries(data).map(([name, elements]) => [name, elements.filter(({ id }) => ids.has(id)).length]),
  );
}

function check(one: RandomCase): void {
  const lanes: LaneMachine[] = [];
  const given = run(one.root, one.data, new Random(one.seed), { make: watched(lanes), keep: 0 });
  const want = inCalls(one, given);
  for (const { spec, index, matched, late, read, passedOver } of lanes.flatMap((lane) => lane.nodes)) {
    const wanted = { matched: want.get(spec.name), read: given.unread[index] };
    const isSettled =
      given.last === 'done' ? passedOver + matched + late === read : passedOver + matched + late <= read;
    if (matched === wanted.matched && read === wanted.read && isSettled) continue;
    throw new Difference('counts', one, { name: spec.name, matched, late, read, passedOver, wanted });
  }
}

describe('the counts of a node: matched elements are those in calls and groups, passed over those that never will be', () => {
  const whole: CaseLimits = { windows: 1, windowTypes: ['expression', 'session', 'batch'] };

  test.each<[string, CaseLimits, number]>([
    ['one stream', { maxNodes: 1, policies: false, windows: 0, length: 30 }, 100],
    ['windows', { ...whole, maxNodes: 1, policies: false, length: 30 }, 150],
    ['one stream under slack', { maxNodes: 1, orders: ['slack'], windows: 0, length: 30 }, 100],
    ['windows under slack', { ...whole, maxNodes: 1, orders: ['slack'], length: 30 }, 150],
    ['flat', { depth: 1, policies: false, unmatched: 0, windows: 0 }, 300],
    ['tree', { maxNodes: 4, windows: 0 }, 150],
  ])('%s', (_, limits, quick) => {
    for (let i = 0; i < shareOfCases(quick, 40); i++) check(randomCase(firstSeed() + i, limits));
  });
});

/**
 * Makes a lane, and records its counts when each of its calls is made. `before`: by the number of calls, the numbers of
 * matched elements when the lane has answered with more, of which none is made.
 */
function noting(moments: NodeCounts[][], before: Map<number, number[]>): MakeMachine {
  return (spec, vector) => {
    const counts = (): NodeCounts[] => lane.nodes.map((_, node) => lane.counts(node));
    const answered = (): void => {
      before.set(
        moments.length,
        counts().map(({ matched }) => matched),
      );
    };
    const lane: LaneMachine = makeOneByOne(spec, vector, answered);
    const next = lane.next.bind(lane);
    lane.next = () => {
      const answer = next();
      if (answer.what === 'call') moments.push(counts());
      return answer;
    };
    return lane;
  };
}

/** Checks that the counts at every moment are those of the calls made by then: a lane may be ahead of them. */
function checkMoments(one: RandomCase): void {
  const moments: NodeCounts[][] = [];
  const before = new Map<number, number[]>();
  const whole = run(one.root, one.data, new Random(one.seed), { make: noting(moments, before), keep: 0 });
  const calls = whole.given.filter((given) => 'call' in given);
  const names = Object.keys(one.data);
  const master = one.data[one.root.name] as Data[string];
  const indexOf = new Map(master.map(({ id }, index) => [id, index]));
  const lastOf = (call: (typeof calls)[number] | undefined): number =>
    call === undefined ? master.length : Math.max(...call.call.map(({ id }) => indexOf.get(id) as number));
  for (const [i, counts] of moments.entries()) {
    const want = inCalls(one, { ...whole, given: calls.slice(0, i + 1) });
    const wanted = names.map((name) => want.get(name));
    const matched = counts.map((count) => count.matched);
    const [first] = counts as [NodeCounts];
    const isBehind = first.read <= lastOf(calls[i]) || first.position < first.read;
    // By value or under slack, the next call may have elements before those of this one.
    const isInOrder = one.root.window?.by === undefined && one.root.order.policy === 'fail';
    const isAhead = isInOrder && first.read > lastOf(calls[i + 1]) + 1;
    const exceeds = counts.some(({ read, passedOver, late, ...count }) => count.matched + passedOver + late > read);
    if (String(matched) === String(wanted) && !isBehind && !isAhead && !exceeds) continue;
    throw new Difference('counts', one, { call: i, counts, wanted, next: lastOf(calls[i + 1]) });
  }
  for (const [made, matched] of before) {
    const want = made === 0 ? names.map(() => 0) : (moments[made - 1] as NodeCounts[]).map((count) => count.matched);
    if (String(matched) !== String(want)) throw new Difference('counts', one, { made, matched, want });
  }
}

describe('the counts after each call cover the calls made so far', () => {
  const noSlack = { policies: false, unmatched: 0 };

  test.each<[string, CaseLimits, number]>([
    ['one stream', { ...noSlack, maxNodes: 1, windows: 0, length: 200 }, 100],
    ['windows', { ...noSlack, maxNodes: 1, windows: 1, length: 60 }, 200],
    ['windows under slack', { maxNodes: 1, orders: ['slack'], windows: 1, length: 60 }, 150],
    ['flat', { ...noSlack, depth: 1, windows: 0, length: 60 }, 300],
    ['two streams', { ...noSlack, depth: 1, maxNodes: 2, windows: 0, length: 200 }, 150],
    ['tree', { ...noSlack, maxNodes: 4, windows: 0 }, 150],
  ])('%s', (_, limits, quick) => {
    for (let i = 0; i < shareOfCases(quick, 40); i++) checkMoments(randomCase(firstSeed() + i, limits));
  });
});

/** Makes a lane that is ended from outside after this many calls, as by the process function. */
function stopping(lanes: LaneMachine[], calls: number): MakeMachine {
  return (spec, vector) => {
    const lane = makeOneByOne(spec, vector);
    lanes.push(lane);
    const next = lane.next.bind(lane);
    let left = calls;
    lane.next = () => {
      if (left === 0) lane.stop('process');
      const answer = next();
      if (answer.what === 'call') left--;
      return answer;
    };
    return lane;
  };
}

/** Checks that all elements taken up to the last call are matched or passed over if the lane is ended after it. */
function checkStopped(one: RandomCase): void {
  const lanes: LaneMachine[] = [];
  const random = new Random(one.seed);
  const given = run(one.root, one.data, random, { make: stopping(lanes, 1 + random.int(4)), keep: 0 });
  if (given.last !== 'done') return;
  const [lane] = lanes as [LaneMachine];
  const want = inCalls(one, given);
  for (const { spec, index } of lane.nodes) {
    const { read, matched, passedOver, late } = lane.counts(index);
    if (matched === want.get(spec.name) && matched + passedOver + late === read) continue;
    throw new Difference('counts of a stopped lane', one, { name: spec.name, read, matched, passedOver, late, want });
  }
}

describe('the counts of a lane that the process function ended: nothing is left open', () => {
  test.each<[string, CaseLimits]>([
    ['one stream', { maxNodes: 1, windows: 0, length: 200 }],
    ['windows', { maxNodes: 1, windows: 1, length: 60 }],
    ['flat', { depth: 1, policies: false, unmatched: 0, windows: 0, length: 60 }],
    ['tree', { maxNodes: 4, windows: 0, length: 20 }],
  ])('%s', (_, limits) => {
    for (let i = 0; i < shareOfCases(150, 4); i++) checkStopped(randomCase(firstSeed() + i, limits));
  });
});

/**
 * Checks the counts of lanes that restart from the vectors of a run: master elements that were in calls, also before the
 * restart, count as matched or not at all, and all others of those that count are passed over or late. Returns the number
 * of elements that were read again and do not count.
 */
function checkRestarts(one: RandomCase, make: MakeMachine): number {
  const { root, data, seed } = one;
  const masters = data[root.name] as Data[string];
  const whole = run(root, data, new Random(seed), { make, keep: 0.5 });
  let skipped = 0;
  for (const { step, given, vector } of whole.vectors) {
    let lane: LaneMachine | undefined;
    const again: MakeMachine = (...args) => (lane = make(...args));
    const rest = run(root, data, new Random(seed + step), { make: again, vector, keep: 0 });
    if (rest.last !== 'done') continue;
    const counts = (lane as LaneMachine).counts(0);
    const taken = masters.slice(vector.nodes[0]?.from, rest.unread[0]);
    const isIn = (calls: readonly Expected[]) => (element: Element) =>
      calls.some((each) => 'call' in each && each.call.some(({ id }) => id === element.id));
    const called = taken.filter(isIn(rest.given)).length;
    const ever = taken.filter(isIn([...whole.given.slice(0, given), ...rest.given])).length;
    const { read, matched, passedOver, late } = counts;
    const isRight = matched >= called && matched <= ever && passedOver + late <= taken.length - ever;
    if (!isRight || matched + passedOver + late !== read || read > taken.length)
      throw new Difference('counts after a restart', one, { counts, taken: taken.length, called, ever, vector });
    skipped += taken.length - read;
  }
  return skipped;
}

describe('the counts after a restart: elements in calls are never passed over, also if they are read again', () => {
  const tree: MakeMachine = (...args) => new TreeLane(...args);
  const adjacent: CaseLimits = {
    windows: 1,
    windowTypes: ['expression', 'batch', 'session'],
    by: 0,
    folded: 0,
    unmatched: 1,
  };

  test.each<[string, CaseLimits, MakeMachine]>([
    ['one stream', { maxNodes: 1, windows: 0.9 }, makeOneByOne],
    ['one stream in the tree machine', { maxNodes: 1, windows: 0.9 }, tree],
    ['under slack', { maxNodes: 1, windows: 0.7, orders: ['slack'], length: 14 }, makeOneByOne],
    ['trees', {}, makeOneByOne],
    ['trees with unmatched elements and windows of adjacent elements', adjacent, makeOneByOne],
  ])('%s', (_, limits, make) => {
    let skipped = 0;
    const count = isDeep() ? shareOfCases(150, 4) : 150;
    for (let i = 0; i < count; i++) skipped += checkRestarts(randomCase(firstSeed() + i, limits), make);
    expect(skipped).toBeGreaterThan(0);
  });
});
