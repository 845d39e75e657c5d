import { compareKeys } from '../../../expressions/key.js';
import { kindRow, mayDrop } from '../../../joins/join-kind.js';
import type { Matching } from '../../../joins/matching/matching.js';
import { NodeInput } from '../input/node-input.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { EdgeSpec } from '../lane-spec.js';
import type { Group, Row } from '../rows/row.js';
import type { RowQueue } from '../rows/row-queue.js';

/** One node of the tree in a running lane. */
export class LaneNode extends NodeInput {
  readonly edges: LaneEdge[] = [];
  /** The edges that have groups. */
  readonly groupEdges: LaneEdge[] = [];
  /** The edge to its parent. */
  up: LaneEdge | undefined = undefined;
  /** No row that is still to come can survive. Once true, it stays true. */
  exhausted = false;
  /** More of the node is wanted in this step. */
  wanted = false;

  /** A row has groups below its element. Otherwise its element alone represents it in a group. */
  get hasGroups(): boolean {
    return this.groupEdges.length > 0;
  }

  protected override canUse(row: Row): boolean {
    return this.up === undefined || this.up.canUse(row);
  }
}

/** One edge of the tree in a running lane. */
export class LaneEdge {
  readonly dropsWithMatch: boolean;
  readonly dropsWithoutMatch: boolean;
  readonly mayDrop: boolean;
  readonly matching: Matching;
  readonly unmatched: boolean;
  readonly hasGroups: boolean;
  /** The edge has `on` as well. Null equals nothing. */
  readonly hasOn: boolean;
  /** The parent has no other edge. */
  private readonly isOnly: boolean;
  /** The rows that cannot match any more and wait to be given as unmatched; only with `unmatched`. */
  readonly pending: Row[] = [];
  /** The group of the last parent key, shared by parents with equal keys. */
  lastGroup: Group | undefined = undefined;
  lastGroupKey: any = undefined;

  constructor(
    spec: EdgeSpec,
    /** The index among the edges of the parent. */
    readonly index: number,
    readonly parent: LaneNode,
    readonly child: LaneNode,
  ) {
    const row = kindRow(spec.kind);
    this.dropsWithMatch = row.dropsWithMatch;
    this.dropsWithoutMatch = row.dropsWithoutMatch;
    this.mayDrop = mayDrop(row);
    this.matching = spec.matching;
    this.unmatched = spec.unmatched;
    this.hasGroups = row.hasGroups;
    this.hasOn = spec.on.length > 0;
    this.isOnly = parent.spec.edges.length === 1;
  }

  get leftTrack(): KeyTrack {
    return this.parent.keys.lefts[this.index] as KeyTrack;
  }

  get rightTrack(): KeyTrack {
    return this.child.keys.right as KeyTrack;
  }

  /** The key of a parent row on this edge. */
  left(row: Row): any {
    return this.isOnly ? row.left : row.left[this.index];
  }

  /** The held child rows that a parent row can match, by the `on` values. */
  candidates(parent: Row): RowQueue {
    const { held } = this.child;
    return this.hasOn ? held.withOn(this.on(parent)) : held;
  }

  private on(parent: Row): unknown {
    return this.isOnly ? parent.ons : parent.ons[this.index];
  }

  /** Returns whether one of the parent row's `on` values is null: it matches nothing. */
  parentNeverMatches(parent: Row): boolean {
    return this.hasOn && this.on(parent) === undefined;
  }

  /** Returns whether a new child row can be of any use: otherwise it need not be held. */
  canUse(row: Row): boolean {
    if (this.unmatched) return true;
    if (this.hasOn) return !this.childNeverMatches(row);
    if (this.matching.pick !== 'first' || !this.child.isLeaf) return true;
    const { held } = this.child;
    // Of child rows with equal keys, the first is always picked.
    return held.size === 0 || compareKeys(held.at(held.size - 1).right, row.right) !== 0;
  }

  childNeverMatches(child: Row): boolean {
    return this.hasOn && child.on === undefined;
  }
}
