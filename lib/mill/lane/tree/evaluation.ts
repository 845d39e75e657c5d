import { compareKeys } from '../../../expressions/key.js';
import type { Pulled } from '../input/node-input.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import { buildingOf, type Group, NO, type Row, UNKNOWN, type Verdict, YES } from '../rows/row.js';
import { completeGroup } from './complete-group.js';
import type { Evaluator } from './evaluator.js';
import { NodesToPull } from './nodes-to-pull.js';
import { replayPointsBelow } from './replay-points.js';

/**
 * Evaluates rows with three values: yes, no, or not known yet; then `wanted` lists the nodes that more is needed of.
 * The verdict comes first, and groups are collected only for rows that survive: so nesting is not a special case, and
 * as little as possible is read. Available elements that must be skipped or collected anyway are pulled here; nothing
 * is evicted.
 */
export class Evaluation implements Evaluator {
  readonly wanted = new NodesToPull();

  /** The node whose next element was late or out of order: the lane answers that before it continues. */
  trouble: LaneNode | undefined = undefined;
  troubleKind: 'late' | 'violation' = 'late';

  get hasLate(): boolean {
    return this.trouble !== undefined && this.troubleKind === 'late';
  }

  /** A silent node was not waited for since this was reset. */
  usedForce = false;

  /** Something was pulled in this step: nodes that were wanted before may not be wanted any more. */
  hasPulled = false;

  begin(): void {
    this.hasPulled = false;
    if (this.wanted.size > 0) this.wanted.keep(0);
  }

  /** Asks for more of a node. */
  want(node: LaneNode): void {
    this.wanted.want(node);
  }

  /** Records the result of a pull. Returns whether the evaluation can continue. */
  noted(node: LaneNode, pulled: Pulled): boolean {
    this.hasPulled = true;
    if (pulled !== 'late' && pulled !== 'violation') return true;
    this.trouble = node;
    this.troubleKind = pulled;
    return false;
  }

  private canPull(node: LaneNode): boolean {
    return this.trouble === undefined && node.available;
  }

  /** Returns whether a row satisfies the edges of its node. */
  verdict(node: LaneNode, row: Row): Verdict {
    if (row.verdict !== UNKNOWN) return row.verdict;
    const wantedBefore = this.wanted.size;
    let verdict: Verdict = YES;
    for (const edge of node.edges) {
      if (!edge.mayDrop) continue;
      const found = this.found(edge, row);
      if (found === UNKNOWN) {
        verdict = UNKNOWN;
      } else if (found === YES ? edge.dropsWithMatch : edge.dropsWithoutMatch) {
        verdict = NO;
        break;
      }
    }
    if (verdict === UNKNOWN) return UNKNOWN;
    this.wanted.keep(wantedBefore);
    row.verdict = verdict;
    // A row that fails is gone, unless it waits to be given as unmatched: a restart evaluates it again.
    const stays = node.up?.unmatched === true;
    if (verdict === NO && !stays) node.held.markGone(row);
    if (verdict === YES ? !node.reachesCalls : stays) row.more.pointsBelow = replayPointsBelow(node);
    return verdict;
  }

  /** Returns whether a surviving child row matches. */
  private found(edge: LaneEdge, row: Row): Verdict {
    const { child, matching } = edge;
    const left = edge.left(row);
    const low = matching.low(left);
    const high = matching.high(left);
    for (;;) {
      const inBand = this.foundAmongHeld(edge, row, low, high);
      if (inBand === 'survivor') return YES;
      if (this.passed(edge, row, high)) return inBand === 'undecided' ? UNKNOWN : NO;
      // The band is still empty: elements below it are skipped here, without further steps of the lane.
      if (inBand !== 'none' || edge.hasOn || !this.canPull(child)) break;
      const passes = !edge.unmatched && child.held.size === 0 && edge.parent.held.firstOpen() === row;
      if (!this.noted(child, child.pullUpTo(low, passes))) break;
    }
    this.want(child);
    return UNKNOWN;
  }

  private foundAmongHeld(edge: LaneEdge, row: Row, low: any, high: any): 'survivor' | 'undecided' | 'failed' | 'none' {
    const { child } = edge;
    const held = edge.candidates(row);
    let found: 'undecided' | 'failed' | 'none' = 'none';
    for (let i = held.size > 8 ? held.firstFrom(low) : 0; i < held.size; i++) {
      const candidate = held.at(i);
      if (compareKeys(candidate.right, high) > 0) break;
      if (candidate.gone || compareKeys(candidate.right, low) < 0) continue;
      if (found === 'none') found = 'failed';
      const verdict = this.verdict(child, candidate);
      if (verdict === YES) return 'survivor';
      if (verdict === UNKNOWN) {
        found = 'undecided';
        if (liesAhead(child, candidate)) break;
      }
    }
    return found;
  }

  /** Takes the whole band of a row whose group is collected; false if more can arrive and is not available. */
  takeBand(edge: LaneEdge, row: Row, high: any): boolean {
    const { child } = edge;
    while (!this.passed(edge, row, high)) {
      if (!this.canPull(child) || !this.noted(child, child.pullThrough(high))) {
        this.want(child);
        return false;
      }
    }
    return true;
  }

  /** Returns whether no child element that is still to come can match this row. */
  passed(edge: LaneEdge, row: Row, high: any): boolean {
    const { child } = edge;
    return (
      compareKeys(child.frontier(edge.rightTrack), high) > 0 ||
      this.exhausted(child) ||
      edge.parentNeverMatches(row) ||
      this.isForced(child, high)
    );
  }

  /** Returns whether a silent child counts as passed. From then on its elements up to that key are late. */
  isForced(child: LaneNode, high: any): boolean {
    const { forced } = child;
    if (forced === undefined) return false;
    if (compareKeys(forced.keyAt(child.inbox.unread), high) < 0) {
      // The node is not silent where elements were read before a restart: they come again.
      if (!child.ignored || child.available || child.inbox.unread <= child.seen) return false;
      forced.force(child.inbox.unread, high);
    }
    this.usedForce = true;
    return true;
  }

  /** Returns whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean {
    if (node.exhausted || node.ended) return true;
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i] as LaneEdge;
      const lowestLeft = node.frontier(edge.leftTrack);
      if (!edge.mayDrop || !this.decidesAll(edge, lowestLeft)) continue;
      node.exhausted = true;
      return true;
    }
    return false;
  }

  /** Returns whether this edge fails every parent element with a key from `lowestLeft` on. */
  decidesAll(edge: LaneEdge, lowestLeft: any): boolean {
    const { child, matching } = edge;
    const { held } = child;
    if (edge.dropsWithMatch) {
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

  /** Completes the groups of a surviving row and of all rows in them; false while more is needed. */
  completeGroups(node: LaneNode, row: Row): boolean {
    if (row.groups !== undefined) return true;
    if (node.isLeaf) {
      row.groups = noGroups;
      return true;
    }
    if (!this.collect(node, row)) return false;
    if (node.up !== undefined) row.more.pointsBelow = replayPointsBelow(node);
    return true;
  }

  private collect(node: LaneNode, row: Row): boolean {
    const { groupEdges } = node;
    if (groupEdges.length === 1) {
      const group = this.group(groupEdges[0] as LaneEdge, row);
      if (group === undefined) return false;
      row.groups = [group];
      return true;
    }
    const building = buildingOf(row);
    while (building.done.length < groupEdges.length) {
      const group = this.group(groupEdges[building.done.length] as LaneEdge, row);
      if (group === undefined) return false;
      building.done.push(group);
      building.partial = undefined;
    }
    row.groups = building.done;
    row.more.building = undefined;
    return true;
  }

  private group(edge: LaneEdge, row: Row): Group | undefined {
    const left = edge.left(row);
    if (edge.lastGroup !== undefined && compareKeys(edge.lastGroupKey, left) === 0) return edge.lastGroup;
    const group = completeGroup[edge.matching.pick](this, edge, row, left);
    if (group !== undefined && !edge.hasOn && !edge.unmatched) {
      edge.lastGroup = group;
      edge.lastGroupKey = left;
    }
    return group;
  }
}

const noGroups: readonly Group[] = Object.freeze([]);

/**
 * Returns whether all candidates of this row, and of the rows after it, are still to come, on all edges: none of these
 * rows can be decided.
 */
function liesAhead(node: LaneNode, row: Row): boolean {
  for (const edge of node.edges) {
    const { child } = edge;
    if (child.ended || compareKeys(edge.matching.low(edge.left(row)), child.frontier(edge.rightTrack)) <= 0) {
      return false;
    }
  }
  return true;
}
