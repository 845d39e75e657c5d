import { compareKeys } from '../../lib/expressions/key.js';
import { keyFromJson } from '../../lib/expressions/key-json.js';
import type { LaneAnswer } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import { oracle } from '../oracle/oracle.js';
import { type RandomCase, randomCase } from '../oracle/random-case.js';
import { type Data, type Element, nodesOf, type TestNode } from '../oracle/tree.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { type MakeMachine, type Moment, type Run, run } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

/** Makes lanes that are randomly told not to wait for nodes that may be ignored, and counts the effects. */
function impatient(random: Random, seen: { ignored: number; forced: number }): MakeMachine {
  return (spec, vector) => {
    const nodes = spec.nodes.map((node, i) =>
      i > 0 && node.order.policy === 'skip' ? { ...node, mayBeIgnored: true } : node,
    );
    const lane = makeOneByOne({ ...spec, nodes }, vector);
    const next = lane.next.bind(lane);
    lane.next = (): LaneAnswer => {
      for (;;) {
        const answer = next();
        if (answer.what === 'call' && answer.forced) seen.forced++;
        if (answer.what !== 'need' || !ignoreSome(lane, answer.nodes)) return answer;
      }
    };
    const ignoreSome = (machine: LaneMachine, wanted: readonly number[]): boolean => {
      const silent = wanted.filter(
        (node) => nodes[node]?.order.policy === 'skip' && node > 0 && !machine.nodes[node]?.ignored,
      );
      if (silent.length === 0 || !random.chance(0.3)) return false;
      machine.ignore(random.pick(silent));
      seen.ignored++;
      return true;
    };
    return lane;
  };
}

/** Returns the input without the elements that were late, or would have been if the lane had reached them. */
function without({ root, data }: RandomCase, late: readonly string[], { unread, vectors }: Run): Data {
  const last = (vectors.at(-1) as Moment).vector;
  const names = nodesOf(root).map((node) => node.name);
  const kept = (name: string, element: Element, position: number): boolean => {
    if (late.includes(`${name} ${position}`)) return false;
    const index = names.indexOf(name);
    if (position < (unread[index] as number)) return true;
    const step = last.nodes[index]?.forced?.findLast(([from]) => from <= position);
    return step === undefined || compareKeys(element[rightField(root, name)], keyFromJson(step[1])) > 0;
  };
  return Object.fromEntries(
    Object.entries(data).map(([name, elements]) => [
      name,
      elements.filter((element, position) => kept(name, element, position)),
    ]),
  );
}

function rightField(root: TestNode, name: string): string {
  const edges = nodesOf(root).flatMap((node) => node.edges);
  return edges.find((edge) => edge.child.name === name)?.right as string;
}

function check(one: RandomCase, seen: { ignored: number; forced: number }): void {
  const random = new Random(one.seed + 17);
  const whole = run(one.root, one.data, random, { make: impatient(random, seen) });
  const want = oracle(one.root, without(one, whole.late, whole)).calls;
  if (JSON.stringify(whole.given) !== JSON.stringify(want)) {
    throw new Difference('calls differ', one, { given: whole.given, want, late: whole.late });
  }
  for (const { given, late, vector } of whole.vectors) {
    const again = run(one.root, one.data, random, { vector, make: impatient(random, seen) });
    const allLate = [...whole.late.slice(0, late), ...again.late];
    const all = [...whole.given.slice(0, given), ...again.given];
    const rest = oracle(one.root, without(one, allLate, again)).calls;
    if (JSON.stringify(all) !== JSON.stringify(rest)) {
      throw new Difference('a restart differs', one, { vector, all, rest, allLate });
    }
  }
}

describe('a silent node that is not waited for', () => {
  it("returns the oracle's results without the elements that came too late, also over restarts", () => {
    const seen = { ignored: 0, forced: 0 };
    const count = shareOfCases(400, 20);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) check(randomCase(seed), seen);
    if (count < 100) return;
    expect(seen.ignored).toBeGreaterThan(count / 10);
    expect(seen.forced).toBeGreaterThan(count / 50);
  });
});
