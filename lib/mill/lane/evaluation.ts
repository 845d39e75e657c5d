import { compareKeys } from '../../expressions/key.js';
import type { LaneEdge } from './lane-edge.js';
import type { LaneNode } from './lane-node.js';
import { pickers } from './pick.js';
import { needsBelow } from './positions.js';
import { type Group, NO, type Row, UNKNOWN, type Verdict, YES } from './row.js';

/**
 * Three-valued evaluation of rows: yes, no, or not yet known, and then `wants` says of whom more is needed. A verdict
 * is asked for first, and the groups are collected only of rows that have it: so nesting needs no case of its own, and
 * the least is read. Nothing here pulls or frees.
 */
export class Evaluation {
  /** The nodes that may help, the most likely first. */
  readonly wants: LaneNode[] = [];

  begin(): void {
    this.forget(0);
  }

  /**
   * More of this node is needed: elements with a right key below `goal` (up to it, with `included`) change nothing.
   * `passes`: they need not even be held.
   */
  want(node: LaneNode, goal?: any, included = false, passes = false): void {
    if (node.wanted) {
      if (node.goal === goal && node.goalIncluded === included && node.goalPasses === passes) return;
      node.goal = undefined;
      node.goalPasses = false;
      return;
    }
    node.wanted = true;
    node.goal = goal;
    node.goalIncluded = included;
    node.goalPasses = passes;
    this.wants.push(node);
  }

  private forget(from: number): void {
    const { wants } = this;
    while (wants.length > from) {
      const node = wants.pop() as LaneNode;
      node.wanted = false;
      node.goal = undefined;
      node.goalPasses = false;
    }
  }

  /** Whether a row satisfies its node's edges. */
  verdict(node: LaneNode, row: Row): Verdict {
    if (row.verdict !== UNKNOWN) return row.verdict;
    const wantsBefore = this.wants.length;
    let verdict: Verdict = YES;
    for (const edge of node.edges) {
      if (edge.kind === 'left') continue;
      const found = this.found(edge, row);
      if (found === UNKNOWN) {
        verdict = UNKNOWN;
      } else if ((found === YES) === (edge.kind === 'anti')) {
        verdict = NO;
        break;
      }
    }
    if (verdict === UNKNOWN) return UNKNOWN;
    this.forget(wantsBefore);
    row.verdict = verdict;
    if (verdict === NO && !node.up?.unmatched) node.held.markGone(row);
    if (verdict === YES && !node.givesGroups) row.needs = needsBelow(node);
    return verdict;
  }

  /** Whether some surviving child row matches. */
  private found(edge: LaneEdge, row: Row): Verdict {
    const { child, matching } = edge;
    const { held } = child;
    const left = edge.left(row);
    const low = matching.low(left);
    const high = matching.high(left);
    let unknown = false;
    let inBand = false;
    for (let i = held.size > 8 ? held.firstFrom(low) : 0; i < held.size; i++) {
      const candidate = held.at(i);
      if (compareKeys(candidate.right, high) > 0) break;
      if (candidate.gone || compareKeys(candidate.right, low) < 0) continue;
      inBand = true;
      if (edge.hasOn && !edge.onHolds(row, candidate)) continue;
      const verdict = this.verdict(child, candidate);
      if (verdict === YES) return YES;
      if (verdict === UNKNOWN) {
        unknown = true;
        if (liesAhead(child, candidate)) break;
      }
    }
    if (!this.closed(edge, row, high)) {
      if (inBand || edge.hasOn) this.want(child);
      else this.want(child, low, false, held.size === 0 && !edge.unmatched && edge.parent.firstOpen() === row);
      return UNKNOWN;
    }
    return unknown ? UNKNOWN : NO;
  }

  /** Whether no child element that is still to come can match this row. */
  closed(edge: LaneEdge, row: Row, high: any): boolean {
    const { child } = edge;
    return (
      compareKeys(child.frontier(child.rightTrack as any), high) > 0 ||
      this.exhausted(child) ||
      edge.parentNeverMatches(row)
    );
  }

  /** Whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean {
    if (node.exhausted || node.ended) return true;
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i] as LaneEdge;
      const lowestLeft = node.frontier(node.leftTracks[i] as any);
      if (edge.kind === 'left' || !this.decidesAll(edge, lowestLeft)) continue;
      node.exhausted = true;
      return true;
    }
    return false;
  }

  /** Whether this edge fails every parent element from `lowestLeft` on. */
  private decidesAll(edge: LaneEdge, lowestLeft: any): boolean {
    const { child, matching } = edge;
    const { held } = child;
    if (edge.kind === 'anti') {
      if (!matching.endless || edge.hasOn) return false;
      const high = matching.high(lowestLeft);
      for (let i = 0; i < held.size; i++) {
        const match = held.at(i);
        if (compareKeys(match.right, high) > 0) return false;
        if (!match.gone && this.verdict(child, match) === YES) return true;
      }
      return false;
    }
    if (!this.exhausted(child)) return false;
    const low = matching.low(lowestLeft);
    for (let i = held.size - 1; i >= 0; i--) {
      const last = held.at(i);
      if (compareKeys(last.right, low) < 0) return true;
      if (!last.gone && !edge.childNeverMatches(last) && this.verdict(child, last) !== NO) return false;
    }
    return true;
  }

  /** Collects the groups of a surviving row and of all rows in them; true when they are complete. */
  complete(node: LaneNode, row: Row): boolean {
    if (row.groups !== undefined) return true;
    if (node.isLeaf) {
      row.groups = noGroups;
      return true;
    }
    row.building ??= { done: [], partial: undefined, next: 0 };
    const { done } = row.building;
    let given = 0;
    for (const edge of node.edges) {
      if (!edge.gives || given++ < done.length) continue;
      const group = this.group(edge, row);
      if (group === undefined) return false;
      done.push(group);
      row.building.partial = undefined;
    }
    row.groups = done;
    row.building = undefined;
    if (node.up !== undefined) row.needs = needsBelow(node);
    return true;
  }

  private group(edge: LaneEdge, row: Row): Group | undefined {
    const left = edge.left(row);
    if (edge.lastGroup !== undefined && compareKeys(edge.lastGroupKey, left) === 0) return edge.lastGroup;
    const group = pickers[edge.matching.pick](this, edge, row, left);
    if (group !== undefined && !edge.hasOn && !edge.unmatched) {
      edge.lastGroup = group;
      edge.lastGroupKey = left;
    }
    return group;
  }
}

const noGroups: readonly Group[] = Object.freeze([]);

/** Every candidate of this row and of those after it is still to come, on all edges: none of them can be decided. */
function liesAhead(node: LaneNode, row: Row): boolean {
  for (const edge of node.edges) {
    const { child } = edge;
    if (child.ended || compareKeys(edge.matching.low(edge.left(row)), child.frontier(child.rightTrack as any)) <= 0) {
      return false;
    }
  }
  return true;
}
