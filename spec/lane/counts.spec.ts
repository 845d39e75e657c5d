import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import type { Shown } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type MakeMachine, type Run, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

/** Makes a lane, and looks after each answer whether an element counts as passed over that did not stay so. */
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

/** How many elements of each node are in calls and their groups. */
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
    if (matched === wanted.matched && read === wanted.read && passedOver + matched + late <= read) continue;
    throw new Difference('counts', one, { name: spec.name, matched, late, read, passedOver, wanted });
  }
}

describe('the counts of a node: matched are those in calls and groups, passed over those that never will be', () => {
  const whole: CaseLimits = { windows: 1, windowTypes: ['expression', 'session', 'batch'] };

  test.each<[string, CaseLimits, number]>([
    ['one stream', { maxNodes: 1, policies: false, windows: 0, length: 30 }, 200],
    ['windows', { ...whole, maxNodes: 1, policies: false, length: 30 }, 300],
    ['one stream under slack', { maxNodes: 1, orders: ['slack'], windows: 0, length: 30 }, 200],
    ['windows under slack', { ...whole, maxNodes: 1, orders: ['slack'], length: 30 }, 300],
    ['flat', { depth: 1, policies: false, unmatched: 0, windows: 0 }, 600],
    ['tree', { maxNodes: 4, windows: 0 }, 600],
  ])('%s', (_, limits, quick) => {
    for (let i = 0; i < shareOfCases(quick, 40); i++) check(randomCase(firstSeed() + i, limits));
  });
});
