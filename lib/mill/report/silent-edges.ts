import { comparable, compareKeys, keyType } from '../../expressions/key.js';
import { printKey } from '../../expressions/key-text.js';
import { kindRow } from '../../joins/join-kind.js';
import type { Plan, PlanEdge, PlanNode } from '../plan/plan.js';
import type { KeyRange } from './key-range.js';
import { type LaneState, nodeInAll } from './lane-state.js';
import { likelyCause } from './likely-cause.js';

/** An edge on which nothing matched in a run, with the keys of both sides. */
export interface SilentEdge {
  readonly parent: string;
  readonly child: string;
  readonly left: KeyRange | undefined;
  readonly right: KeyRange | undefined;
  readonly cause: string;
  /** All of it in words. */
  readonly sentence: string;
}

/** The edges on which nothing matched, each with its likely cause. `isWhole`: the run was not ended early from outside. */
export function silentEdges(plan: Plan, lanes: readonly LaneState[], isWhole: boolean): readonly SilentEdge[] {
  const found = plan.nodes
    .flatMap((node) => node.edges)
    .filter((edge) => isSilent(edge, lanes))
    .map((edge) => describe(edge, plan, lanes, isWhole));
  // If one edge explains the silence, edges that only suffer from it are left out.
  const explained = found.filter((edge) => edge.explains);
  return (explained.length > 0 ? explained : found).map(({ explains: _, ...edge }) => edge);
}

function isSilent({ kind, parent, child }: PlanEdge, lanes: readonly LaneState[]): boolean {
  const above = nodeInAll(lanes, parent);
  const below = nodeInAll(lanes, child);
  const { dropsWithMatch, hasGroups } = kindRow(kind);
  if (dropsWithMatch || above.read + below.read === 0) return false;
  return hasGroups ? below.matched === 0 : above.matched === 0;
}

function describe(
  edge: PlanEdge,
  plan: Plan,
  lanes: readonly LaneState[],
  isWhole: boolean,
): SilentEdge & { explains: boolean } {
  const [parent, child] = [plan.nodes[edge.parent] as PlanNode, plan.nodes[edge.child] as PlanNode];
  const left = rangeInAll(edge.left, lanes, edge.parent);
  const right = rangeInAll(edge.right, lanes, edge.child);
  const { cause, explains } = likelyCause(edge, { parent, child, left, right }, isWhole);
  const keys = `left ${edge.left} is ${print(left)}, right ${edge.right} is ${print(right)}`;
  const sentence = `${parent.name} with ${child.name}: ${keys}: ${cause}`;
  return { parent: parent.name, child: child.name, left, right, cause, explains, sentence };
}

/** From the lowest of the first keys of all lanes to the highest of the last keys. */
function rangeInAll(key: PlanEdge['left'], lanes: readonly LaneState[], node: number): KeyRange | undefined {
  const ranges = lanes.flatMap((lane) => rangeOf(key, lane.nodes[node] ?? {}) ?? []);
  return ranges.reduce<KeyRange | undefined>((all, range) => {
    if (all === undefined) return range;
    const first = isBelow(range.first, all.first) ? range.first : all.first;
    const last = isBelow(all.last, range.last) ? range.last : all.last;
    return { first, last, type: all.type };
  }, undefined);
}

function isBelow(a: unknown, b: unknown): boolean {
  return comparable(a, b) && compareKeys(a, b) < 0;
}

function rangeOf(
  key: PlanEdge['left'],
  { first, last }: { readonly first?: object | undefined; readonly last?: object | undefined },
): KeyRange | undefined {
  if (first === undefined || last === undefined) return undefined;
  try {
    const firstKey: unknown = key.evaluate(first);
    return { first: firstKey, last: key.evaluate(last), type: keyType(firstKey) ?? typeof firstKey };
  } catch {
    return undefined;
  }
}

function print(range: KeyRange | undefined): string {
  if (range === undefined) return 'without elements';
  const isOne = comparable(range.first, range.last) && compareKeys(range.first, range.last) === 0;
  const keys = isOne ? printKey(range.first) : `${printKey(range.first)} … ${printKey(range.last)}`;
  return `${keys} (${range.type})`;
}
