import { compareKeys } from '../../../expressions/key.js';
import type { Pick } from '../../../joins/matching/matching.js';
import type { LaneEdge } from '../nodes/lane-tree.js';
import { buildingOf, type Group, NO, type Row, UNKNOWN, YES } from '../rows/row.js';
import type { RowQueue } from '../rows/row-queue.js';
import type { Evaluator } from './evaluator.js';

/**
 * Returns the complete group of a row on one edge, or undefined while it is incomplete; then the evaluator wants more
 * of a node. A matching cannot tell whether a group is complete: that depends on which streams have ended and which
 * rows survive.
 */
export type CompleteGroup = (evaluator: Evaluator, edge: LaneEdge, row: Row, left: any) => Group | undefined;

const nothing: Group = Object.freeze([]);

export const completeGroup: Record<Pick, CompleteGroup> = {
  all: completeAll,
  last: completeLast,
  first: completeFirst,
  nearest: completeNearest,
};

function completeAll(evaluator: Evaluator, edge: LaneEdge, row: Row, left: any): Group | undefined {
  const { child, matching } = edge;
  const low = matching.low(left);
  const high = matching.high(left);
  if (!evaluator.takeBand(edge, row, high)) return undefined;
  const held = edge.candidates(row);
  const interrupted = row.moreIfAny?.building;
  let group = interrupted?.partial;
  let at = 0;
  if (interrupted !== undefined && group !== undefined) at = held.indexOf(interrupted.next);
  else if (held.size > 8) at = held.firstFrom(low);
  for (; at < held.size; at++) {
    const candidate = held.at(at);
    if (compareKeys(candidate.right, high) > 0) break;
    if (candidate.gone || compareKeys(candidate.right, low) < 0) continue;
    const verdict = evaluator.verdict(child, candidate);
    if (verdict === UNKNOWN || (verdict === YES && !evaluator.completeGroups(child, candidate))) {
      const building = buildingOf(row);
      building.partial = group ?? [];
      building.next = candidate.sequence;
      return undefined;
    }
    if (verdict !== YES) continue;
    const taken = take(edge, row, candidate);
    // Most groups have one element: the array literal allocates exactly one slot.
    if (group === undefined) group = [taken];
    else group.push(taken);
  }
  return group ?? nothing;
}

/** As of, backward: the last match, as soon as no later one can arrive. */
function completeLast(evaluator: Evaluator, edge: LaneEdge, row: Row, left: any): Group | undefined {
  const { child, matching } = edge;
  const last = edge.candidates(row).firstAfter(matching.high(left)) - 1;
  // First ask for what decides the last held row: undecided rows would pile up until the child has passed.
  if (!child.isLeaf) firstDecided(evaluator, edge, row, last, -1, left);
  if (!isPassed(evaluator, edge, row, left)) return undefined;
  return only(evaluator, edge, row, firstDecided(evaluator, edge, row, last, -1, left));
}

/** As of, forward: the first match, as soon as it is decided. */
function completeFirst(evaluator: Evaluator, edge: LaneEdge, row: Row, left: any): Group | undefined {
  const first = firstDecided(evaluator, edge, row, edge.candidates(row).firstFrom(edge.matching.low(left)), 1, left);
  if (first !== undefined && first !== null) return only(evaluator, edge, row, first);
  if (!isPassed(evaluator, edge, row, left)) return undefined;
  return only(evaluator, edge, row, first);
}

/** As of, nearest: the last match strictly before, or the first at or after the key; a tie goes to the one before. */
function completeNearest(evaluator: Evaluator, edge: LaneEdge, row: Row, left: any): Group | undefined {
  const { child } = edge;
  const first = edge.candidates(row).firstFrom(left);
  const nearest = nearestDecided(evaluator, edge, row, first, left);
  if (nearest === undefined) {
    isPassed(evaluator, edge, row, left);
    return undefined;
  }
  if (nearest !== null) {
    const reach = distance(nearest.right, left);
    const frontier = child.frontier(edge.rightTrack);
    // Elements that are still to come are at or after the frontier: at the same distance they lose, or come too late.
    const passed = frontier !== Number.POSITIVE_INFINITY && compareKeys(frontier, left) >= 0;
    if (evaluator.exhausted(child) || (passed && distance(frontier, left) >= reach)) {
      return only(evaluator, edge, row, nearest);
    }
  }
  if (!isPassed(evaluator, edge, row, left)) return undefined;
  return only(evaluator, edge, row, nearest);
}

function nearestDecided(
  evaluator: Evaluator,
  edge: LaneEdge,
  row: Row,
  first: number,
  left: any,
): Row | null | undefined {
  const held = edge.candidates(row);
  let before = first - 1;
  let after = first;
  for (;;) {
    const a = candidateAt(edge, held, before, -1, left);
    const b = candidateAt(edge, held, after, 1, left);
    if (a < 0 && b < 0) return null;
    const takeBefore = b < 0 || (a >= 0 && distance(held.at(a).right, left) <= distance(held.at(b).right, left));
    const candidate = held.at(takeBefore ? a : b);
    const verdict = evaluator.verdict(edge.child, candidate);
    if (verdict === UNKNOWN) return undefined;
    if (verdict === YES) return candidate;
    if (takeBefore) {
      before = a - 1;
      after = b < 0 ? held.size : b;
    } else {
      after = b + 1;
      before = a;
    }
  }
}

/**
 * Walks from an index on until a row survives. Returns that row, null if none does, or undefined if one is undecided.
 */
function firstDecided(
  evaluator: Evaluator,
  edge: LaneEdge,
  row: Row,
  from: number,
  step: 1 | -1,
  left: any,
): Row | null | undefined {
  const held = edge.candidates(row);
  for (let i = candidateAt(edge, held, from, step, left); i >= 0; i = candidateAt(edge, held, i + step, step, left)) {
    const candidate = held.at(i);
    const verdict = evaluator.verdict(edge.child, candidate);
    if (verdict === UNKNOWN) return undefined;
    if (verdict === YES) return candidate;
  }
  return null;
}

/** The index of the next row in the band from here in this direction, or -1. */
function candidateAt(edge: LaneEdge, held: RowQueue, from: number, step: 1 | -1, left: any): number {
  const low = edge.matching.low(left);
  const high = edge.matching.high(left);
  for (let i = from; i >= 0 && i < held.size; i += step) {
    const candidate = held.at(i);
    if (step > 0 ? compareKeys(candidate.right, high) > 0 : compareKeys(candidate.right, low) < 0) return -1;
    if (candidate.gone || candidate.verdict === NO) continue;
    return i;
  }
  return -1;
}

/** Returns whether no more matches of this row can arrive; otherwise wants more of the child. */
function isPassed(evaluator: Evaluator, edge: LaneEdge, row: Row, left: any): boolean {
  if (evaluator.passed(edge, row, edge.matching.high(left))) return true;
  evaluator.want(edge.child);
  return false;
}

/** The group with this row, or with none, as soon as the groups of the row itself are complete. */
function only(evaluator: Evaluator, edge: LaneEdge, parent: Row, row: Row | null | undefined): Group | undefined {
  if (row === undefined) return undefined;
  if (row === null) return nothing;
  return evaluator.completeGroups(edge.child, row) ? ([take(edge, parent, row)] as Group) : undefined;
}

/** The member of a group that stands for a row: its element if no edge below it has groups. */
function take(edge: LaneEdge, parent: Row, row: Row): object {
  if (edge.unmatched) row.more.usedBy = parent;
  if (!row.matched) {
    row.matched = true;
    edge.child.matched++;
  }
  return edge.child.hasGroups ? row : row.element;
}

function distance(a: any, b: any): any {
  return a < b ? b - a : a - b;
}
