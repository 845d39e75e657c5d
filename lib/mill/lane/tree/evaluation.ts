import { compareKeys } from '../../../expressions/key.js';
import type { Pulled } from '../input/node-input.js';
import { completeGroup } from './complete-group.js';
import type { Evaluator } from './evaluator.js';
import type { LaneEdge, LaneNode } from './lane-tree.js';
import { NodesToPull } from './nodes-to-pull.js';
import { replayPointsBelow } from './replay-points.js';
import { buildingOf, type Group, NO, type Row, UNKNOWN, type Verdict, YES } from './row.js';

/**
 * Three-valued evaluation of rows: yes, no, or not yet known, and then `wanted` says of whom more is needed. A verdict
 * is asked for first, and the groups are collected only of rows that have it: so nesting is not a special case, and
 * the least is read. What is available and must be skipped or collected anyway is pulled here; nothing is freed.
 */
export class Evaluation implements Evaluator {
  readonly wanted = new NodesToPull();

  /** A node whose next element was late or out of order: the lane answers that before it continues. */
  trouble: LaneNode | undefined = undefined;
  troubleKind: 'late' | 'violation' = 'late';

  get hasLate(): boolean {
    return this.trouble !== undefined && this.troubleKind === 'late';
  }

  /** A node was not waited for, since this was unset. */
  usedForce = false;

  /** Something was taken in this step, after which what was wanted before may be wanted no more. */
  hasPulled = false;

  begin(): void {
    this.hasPulled = false;
    if (this.wanted.size > 0) this.wanted.keep(0);
  }

  /** More of this node is needed. */
  want(node: LaneNode): void {
    this.wanted.want(node);
  }

  /** Takes note of what a pull came to; true if it brought the evaluation further. */
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

  /** Whether a row satisfies its node's edges. */
  verdict(node: LaneNode, row: Row): Verdict {
    if (row.verdict !== UNKNOWN) return row.verdict;
    const wantedBefore = this.wanted.size;
    let verdict: Verdict = YES;
    for (const edge of node.edges) {
      if (edge.requires === 'nothing') continue;
      const found = this.found(edge, row);
      if (found === UNKNOWN) {
        verdict = UNKNOWN;
      } else if ((found === YES) === (edge.requires === 'absence')) {
        verdict = NO;
        break;
      }
    }
    if (verdict === UNKNOWN) return UNKNOWN;
    this.wanted.keep(wantedBefore);
    row.verdict = verdict;
    // A row that fails is gone, but for one that waits to be given as unmatched: a restart judges it again.
    const stays = node.up?.unmatched === true;
    if (verdict === NO && !stays) node.held.markGone(row);
    if (verdict === YES ? !node.givesGroups : stays) row.more.pointsBelow = replayPointsBelow(node);
    return verdict;
  }

  /** Whether some surviving child row matches. */
  private found(edge: LaneEdge, row: Row): Verdict {
    const { child, matching } = edge;
    const left = edge.left(row);
    const low = matching.low(left);
    const high = matching.high(left);
    for (;;) {
      const inBand = this.foundAmongHeld(edge, row, low, high);
      if (inBand === 'survivor') return YES;
      if (this.passed(edge, row, high)) return inBand === 'undecided' ? UNKNOWN : NO;
      // Nothing in the band yet: what is below it is skipped here, not in steps of the lane.
      if (inBand !== 'nobody' || edge.hasOn || !this.canPull(child)) break;
      const passes = !edge.unmatched && child.held.size === 0 && edge.parent.held.firstOpen() === row;
      if (!this.noted(child, child.pullUpTo(low, passes))) break;
    }
    this.want(child);
    return UNKNOWN;
  }

  private foundAmongHeld(
    edge: LaneEdge,
    row: Row,
    low: any,
    high: any,
  ): 'survivor' | 'undecided' | 'failed' | 'nobody' {
    const { child } = edge;
    const held = edge.candidates(row);
    let found: 'undecided' | 'failed' | 'nobody' = 'nobody';
    for (let i = held.size > 8 ? held.firstFrom(low) : 0; i < held.size; i++) {
      const candidate = held.at(i);
      if (compareKeys(candidate.right, high) > 0) break;
      if (candidate.gone || compareKeys(candidate.right, low) < 0) continue;
      if (found === 'nobody') found = 'failed';
      const verdict = this.verdict(child, candidate);
      if (verdict === YES) return 'survivor';
      if (verdict === UNKNOWN) {
        found = 'undecided';
        if (liesAhead(child, candidate)) break;
      }
    }
    return found;
  }

  /** Takes all of the band of a row whose group is asked for; false if more can come and is not available. */
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

  /** Whether no child element that is still to come can match this row. */
  passed(edge: LaneEdge, row: Row, high: any): boolean {
    const { child } = edge;
    return (
      compareKeys(child.frontier(edge.rightTrack), high) > 0 ||
      this.exhausted(child) ||
      edge.parentNeverMatches(row) ||
      this.isForced(child, high)
    );
  }

  /** A silent child that is not to be waited for counts as passed, and what comes up to there is late from now on. */
  isForced(child: LaneNode, high: any): boolean {
    const { forced } = child;
    if (forced === undefined) return false;
    if (compareKeys(forced.keyAt(child.inbox.unread), high) < 0) {
      // Elements that were read before a restart are not silence: they come again.
      if (!child.ignored || child.available || child.inbox.unread <= child.seen) return false;
      forced.force(child.inbox.unread, high);
    }
    this.usedForce = true;
    return true;
  }

  /** Whether no element of this node that is still to come can survive. */
  exhausted(node: LaneNode): boolean {
    if (node.exhausted || node.ended) return true;
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i] as LaneEdge;
      const lowestLeft = node.frontier(edge.leftTrack);
      if (edge.requires === 'nothing' || !this.decidesAll(edge, lowestLeft)) continue;
      node.exhausted = true;
      return true;
    }
    return false;
  }

  /** Whether this edge fails every parent element from `lowestLeft` on. */
  private decidesAll(edge: LaneEdge, lowestLeft: any): boolean {
    const { child, matching } = edge;
    const { held } = child;
    if (edge.requires === 'absence') {
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
    const { givingEdges } = node;
    if (givingEdges.length === 1) {
      const group = this.group(givingEdges[0] as LaneEdge, row);
      if (group === undefined) return false;
      row.groups = [group];
      return true;
    }
    const building = buildingOf(row);
    while (building.done.length < givingEdges.length) {
      const group = this.group(givingEdges[building.done.length] as LaneEdge, row);
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

/** Every candidate of this row and of those after it is still to come, on all edges: none of them can be decided. */
function liesAhead(node: LaneNode, row: Row): boolean {
  for (const edge of node.edges) {
    const { child } = edge;
    if (child.ended || compareKeys(edge.matching.low(edge.left(row)), child.frontier(edge.rightTrack)) <= 0) {
      return false;
    }
  }
  return true;
}
