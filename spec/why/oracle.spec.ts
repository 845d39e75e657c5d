import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import { continued } from '../../lib/mill/resume/lane-vector.js';
import { LaneReasons } from '../../lib/mill/why/lane-reasons.js';
import type { WhyElement } from '../../lib/mill/why/why.js';
import { laneSpec, run } from '../lane/harness.js';
import { makeOneByOne } from '../lane/one-by-one.js';
import { applyOrder, joinsOf, matches, oracle } from '../oracle/oracle.js';
import { type CaseLimits, type RandomCase, randomCase } from '../oracle/random-case.js';
import { type Element, type Expected, nodesOf, type Shown, type TestEdge, type TestNode } from '../oracle/tree.js';
import { firstSeed, isDeep, repeatBy, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';

const shapes: [name: string, limits: CaseLimits, cases: number][] = [
  ['everything', {}, 160],
  ['flat joins', { depth: 1, unmatched: 0, on: 0.5, windows: 0 }, 120],
  ['deep joins', { maxNodes: 5, windows: 0 }, 120],
  ['semi and anti', { kinds: ['semi', 'anti', 'inner'], maxNodes: 4 }, 120],
  ['as of', { matches: ['asOf'], maxNodes: 4 }, 120],
  ['windows', { windows: 1, maxNodes: 3, length: 14 }, 120],
  ['late elements', { orders: ['skip', 'slack'], maxNodes: 3, windows: 0.3 }, 120],
];

const seen = new Map<string, number>();

describe('why() agrees with the nested-loop oracle about each element', () => {
  test.each(shapes)('%s', (_, limits, quick) => {
    // Never fewer than these, among which there is each reason.
    const count = isDeep() ? shareOfCases(quick, shapes.length) : quick;
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) checkCase(randomCase(seed, limits));
  });

  test('each reason occurs in many cases', () => {
    const often = [...seen].filter(([, times]) => times > 20).map(([reason]) => reason);
    expect(often.sort()).toEqual(
      [
        'called',
        'excluded',
        'excludes',
        'late',
        'no match',
        'no window',
        'not picked',
        'not read',
        'parent',
        'passed over',
        'selects',
        'unmatched',
      ].sort(),
    );
  });
});

function checkCase({ root, data, seed }: RandomCase): void {
  const { spec, names } = laneSpec(root, seed % 4 === 0 ? 'Date' : 'number');
  const streams = names.map((name) => ({
    values: data[name]!.map((element, position) => ({ element, position, problem: undefined })),
    isOpen: false,
  }));
  const reasons = new LaneReasons('0', spec, streams);
  const truth = new Truth(root, data);
  for (const [node, { values }] of streams.entries()) {
    for (const value of values) {
      const why = reasons.why(node, value);
      seen.set(why.reason, (seen.get(why.reason) ?? 0) + 1);
      const problem = truth.problem(names[node]!, value.element, value.position, why);
      if (problem !== undefined) {
        throw new Error(`${problem}: ${JSON.stringify(why)}\n${JSON.stringify({ root, data })}\n${repeatBy(seed)}`);
      }
    }
  }
}

/**
 * Ends a lane before all of its streams have arrived, and continues with the rest. Checks that each element has the calls
 * of both runs. Returns how many elements the end has decided.
 */
function checkGrown({ root, data, seed }: RandomCase): number {
  const { spec, names } = laneSpec(root);
  const random = new Random(seed);
  const isGrown = (name: string): boolean => name === root.name || random.chance(0.5);
  const before = Object.fromEntries(
    names.map((name) => [name, isGrown(name) ? data[name]!.slice(0, random.int(data[name]!.length + 1)) : data[name]!]),
  );
  let lane: LaneMachine | undefined;
  const first = run(root, before, random, { make: (...args) => (lane = makeOneByOne(...args)) });
  const end = lane!.nodes.map(({ sourceEnded, inbox }) => (sourceEnded ? inbox.fedTo : null));
  const { over: _, ...vector } = continued(first.vectors.at(-1)!.vector);
  const second = run(root, data, random, { vector, keep: 0 });

  const numberOf = new Map<string, number>();
  const note = ({ id, groups }: Shown): string[] => [id, ...groups.flat().flatMap(note)];
  for (const call of [...first.given, ...second.given]) {
    if ('call' in call)
      for (const id of new Set(call.call.flatMap(note))) numberOf.set(id, (numberOf.get(id) ?? 0) + 1);
  }
  const streams = names.map((name) => ({
    values: data[name]!.map((element, position) => ({ element, position, problem: undefined })),
    isOpen: false,
  }));
  const reasons = new LaneReasons('0', spec, streams, [end]);
  const found = streams.flatMap(({ values }, node) => values.map((value) => reasons.why(node, value)));
  const ids = streams.flatMap(({ values }) => values.map(({ element }) => element.id));
  for (const [i, why] of found.entries()) {
    if (why.calls.length === (numberOf.get(ids[i]!) ?? 0)) continue;
    throw new Error(
      `${ids[i]}: ${JSON.stringify(why)}\n${JSON.stringify({ root, data, before, end })}\n${repeatBy(seed)}`,
    );
  }
  return found.filter(({ reason }) => reason === 'decided').length;
}

test.each<[string, CaseLimits]>([
  ['one stream', { maxNodes: 1, windows: 0.8, length: 14 }],
  ['trees', { maxNodes: 4 }],
])('why() knows the calls of a lane that continued after its end: %s', (_, limits) => {
  let decided = 0;
  for (let i = 0; i < shareOfCases(150, 2); i++) decided += checkGrown(randomCase(firstSeed() + i, limits));
  expect(decided).toBeGreaterThan(0);
});

/** What the oracle says of a case. */
class Truth {
  private readonly verdict;
  private readonly inputs = new Map<TestNode, Element[]>();
  private readonly ups = new Map<TestNode, { parent: TestNode; edge: TestEdge }>();
  private readonly joins;

  constructor(
    private readonly root: TestNode,
    data: RandomCase['data'],
  ) {
    this.verdict = oracle(root, data);
    for (const parent of nodesOf(root)) for (const edge of parent.edges) this.ups.set(edge.child, { parent, edge });
    for (const node of nodesOf(root)) {
      this.inputs.set(node, applyOrder(node, this.ups.get(node)?.edge, data[node.name]!).inTime);
    }
    this.joins = joinsOf(this.inputs);
  }

  /** What is wrong with a reason. */
  problem(name: string, element: Element, position: number, why: WhyElement): string | undefined {
    const node = nodesOf(this.root).find((each) => each.name === name)!;
    const calls = this.verdict.calls.filter((call) => 'call' in call && this.isIn(call, node, element)).length;
    if (why.calls.length !== calls) return `${calls} calls have it`;
    const isLate = this.verdict.late[name]!.includes(position);
    if ((why.reason === 'late') !== isLate && why.reason !== 'not read') return `late is ${isLate}`;
    const isUnmatched = this.verdict.calls.some(
      (call) => 'unmatched' in call && call.unmatched === name && call.id === element.id,
    );
    if ((why.reason === 'unmatched') !== isUnmatched) return `unmatched is ${isUnmatched}`;
    return this.isTrue(node, element, why) ? undefined : 'the reason is not true';
  }

  private isTrue(node: TestNode, element: Element, { reason, edge, parent: inner, calls }: WhyElement): boolean {
    const survives = this.joins.survive(node, element) !== null;
    const up = this.ups.get(node);
    const parents =
      up === undefined ? [] : this.inputs.get(up.parent)!.filter((each) => matches(up.edge, each, element));
    const groups = parents.filter((each) => this.joins.groupOf(up!.edge, each).some((row) => row.element === element));
    const below = node.edges.find(({ child }) => child.name === edge?.child);
    switch (reason) {
      case 'called':
        return calls.length > 0;
      case 'passed over':
        return survives && parents.length === 0 && edge?.parent === up?.parent.name;
      case 'no match':
        return !survives && this.joins.groupOf(below!, element).length === 0 && ['inner', 'semi'].includes(below!.kind);
      case 'excluded':
        return !survives && this.joins.groupOf(below!, element).length > 0 && below!.kind === 'anti';
      case 'not picked':
        return survives && parents.length > 0 && groups.length === 0 && up!.edge.match.type === 'asOf';
      case 'selects':
        return survives && parents.length > 0 && up!.edge.kind === 'semi';
      case 'excludes':
        return survives && parents.length > 0 && up!.edge.kind === 'anti';
      case 'parent':
        return (
          survives &&
          groups.some((each) => this.inputs.get(up!.parent)!.indexOf(each) >= 0) &&
          inner?.calls.length === 0
        );
      case 'no window':
        return survives && node === this.root && node.window !== undefined;
      default:
        return calls.length === 0;
    }
  }

  private isIn(call: Expected, node: TestNode, { id }: Element): boolean {
    const path: TestNode[] = [node];
    for (let up = this.ups.get(node); up !== undefined; up = this.ups.get(up.parent)) path.unshift(up.parent);
    const found = (rows: readonly Shown[], depth: number): boolean => {
      if (depth === path.length - 1) return rows.some((row) => row.id === id);
      const giving = path[depth]!.edges.filter(({ kind }) => kind === 'inner' || kind === 'left');
      const group = giving.findIndex(({ child }) => child === path[depth + 1]);
      return group >= 0 && rows.some((row) => found(row.groups[group]!, depth + 1));
    };
    return 'call' in call && found(call.call, 0);
  }
}
