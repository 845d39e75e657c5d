import { asOf } from '../../lib/joins/matching/as-of.js';
import { equal } from '../../lib/joins/matching/equal.js';
import type { Matching } from '../../lib/joins/matching/matching.js';
import { within } from '../../lib/joins/matching/within.js';
import type { WindowDescription } from '../../lib/joins/window.js';
import type { CallAnswer } from '../../lib/mill/lane/answer.js';
import type { KeySource, LaneSpec, NodeSpec } from '../../lib/mill/lane/lane-spec.js';
import type { LaneVector } from '../../lib/mill/lane/lane-vector.js';
import { makeLane } from '../../lib/mill/lane/make-lane.js';
import type { Row } from '../../lib/mill/lane/row.js';
import type { Data, Element, Expected, Shown, TestMatch, TestNode, TestWindow } from '../oracle/tree.js';
import type { Random } from '../support/random.js';

/** The lane's own description of a test tree. */
export function laneSpec(root: TestNode): { spec: LaneSpec; names: string[] } {
  const nodes: NodeSpec[] = [];
  const visit = (node: TestNode): number => {
    const index = nodes.push(undefined as unknown as NodeSpec) - 1;
    nodes[index] = {
      name: node.name,
      order: node.order.policy === 'slack' ? { ...node.order, by: key(node.order.by) } : node.order,
      edges: node.edges.map((edge) => ({
        child: visit(edge.child),
        kind: edge.kind,
        matching: matching(edge.match),
        left: key(edge.left),
        right: key(edge.right),
        on: edge.on.map(([left, right]) => [key(left), key(right)] as const),
        unmatched: edge.unmatched,
      })),
    };
    return index;
  };
  visit(root);
  return { spec: { nodes, window: root.window && window(root.window) }, names: nodes.map((node) => node.name) };
}

function key(field: string): KeySource {
  return { evaluate: (element) => element[field], toString: () => field };
}

function matching(match: TestMatch): Matching {
  if (match.type === 'equal') return equal;
  if (match.type === 'within') return within(match.low, match.high);
  return asOf(match.direction, match.tolerance);
}

function window(described: TestWindow): WindowDescription {
  if (described.type === 'count') return described;
  return { ...described, key: key(described.key), onTimeout: undefined } as unknown as WindowDescription;
}

/** What a lane gave, its vector after each answer, and how it ended. */
export interface Run {
  given: Expected[];
  late: string[];
  vectors: { given: number; late: number; vector: LaneVector }[];
  last: string;
}

/** Runs a lane to its end, feeding in random chunks and at random moments, from the positions of a vector. */
export function run(root: TestNode, data: Data, random: Random, vector?: LaneVector): Run {
  const { spec, names } = laneSpec(root);
  const lane = makeLane(spec, vector);
  const result: Run = { given: [], late: [], vectors: [], last: '' };
  const at = names.map((_, i) => vector?.nodes[i]?.from ?? 0);
  const ended = new Set<number>();
  const eager = random.pick([0, 0, 0.5, 1]);
  const feed = (node: number): void => {
    const elements = (data[names[node] as string] as Element[]).slice(
      at[node],
      (at[node] as number) + random.pick([1, 1, 2, 7]),
    );
    if (elements.length === 0) {
      lane.end(node);
      ended.add(node);
      return;
    }
    lane.feed(node, elements, at[node] as number);
    at[node] = (at[node] as number) + elements.length;
  };
  const remember = (): void => {
    result.vectors.push({
      given: result.given.length,
      late: result.late.length,
      vector: JSON.parse(JSON.stringify(lane.vector())),
    });
  };
  remember();
  for (let steps = 0; ; steps++) {
    if (steps > 5000) throw new Error('the lane makes no progress');
    if (random.chance(eager)) feed(random.int(names.length));
    const answer = lane.next();
    if (answer.what === 'call') result.given.push({ call: shownCall(spec, answer) });
    if (answer.what === 'unmatched') {
      result.given.push({ unmatched: names[answer.node] as string, id: (answer.element as Element).id });
    }
    if (answer.what === 'late') result.late.push(`${names[answer.node]} ${answer.position}`);
    remember();
    if (answer.what === 'need') {
      if (answer.nodes.every((node) => ended.has(node))) throw new Error('the lane needs more of ended nodes');
      feed(random.chance(0.8) ? (answer.nodes[0] as number) : random.pick(names.map((_, i) => i)));
    }
    if (answer.what === 'done' || answer.what === 'violation') {
      result.last = answer.what;
      return result;
    }
  }
}

function shownCall(spec: LaneSpec, { elements, rows }: CallAnswer): Shown[] {
  if (rows.length === 0) return elements.map((element) => ({ id: (element as Element).id, groups: [] }));
  expect(rows.map((row) => row.element)).toEqual(elements);
  return rows.map((row) => show(spec, 0, row));
}

function show(spec: LaneSpec, node: number, row: Row | Element): Shown {
  const giving = (spec.nodes[node] as NodeSpec).edges.filter((edge) => edge.kind === 'inner' || edge.kind === 'left');
  if (giving.length === 0) return { id: (row as Element).id, groups: [] };
  const { element, groups } = row as Row;
  return {
    id: (element as Element).id,
    groups: giving.map((edge, i) => (groups as Row[][])[i]?.map((child) => show(spec, edge.child, child)) as Shown[]),
  };
}
