import { compareKeys } from '../../../expressions/key.js';
import { kindRow, type Requirement } from '../../../joins/join-kind.js';
import type { Matching } from '../../../joins/matching/matching.js';
import type { KeyTrack } from '../input/key-track.js';
import { NodeInput } from '../input/node-input.js';
import type { EdgeSpec } from '../lane-spec.js';
import type { Group, Row } from './row.js';
import type { RowQueue } from './row-queue.js';

/** One node of the tree while a lane runs. */
export class LaneNode extends NodeInput {
  readonly edges: LaneEdge[] = [];
  /** Those of them that give groups. */
  readonly givingEdges: LaneEdge[] = [];
  /** The edge to its parent. */
  up: LaneEdge | undefined = undefined;
  /** No row that is still to come can survive; once true, it stays. */
  exhausted = false;
  /** More of it is wanted in this step. */
  wanted = false;

  /** In a group it is its element alone. */
  get givesNoGroups(): boolean {
    return this.givingEdges.length === 0;
  }

  protected override canUse(row: Row): boolean {
    return this.up === undefined || this.up.canUse(row);
  }
}

/** One edge of the tree while a lane runs. */
export class LaneEdge {
  /** What a parent element needs here to survive. */
  readonly requires: Requirement;
  readonly matching: Matching;
  readonly unmatched: boolean;
  readonly gives: boolean;
  /** It has `on` as well: null equals nothing. */
  readonly hasOn: boolean;
  /** The parent has no other edge. */
  private readonly isOnly: boolean;
  /** Rows that nothing can match any more and that wait to be given as unmatched; only with `unmatched`. */
  readonly pending: Row[] = [];
  /** The group of the last parent key, shared by parents with equal keys. */
  lastGroup: Group | undefined = undefined;
  lastGroupKey: any = undefined;

  constructor(
    spec: EdgeSpec,
    /** Its place among the parent's edges. */
    readonly index: number,
    readonly parent: LaneNode,
    readonly child: LaneNode,
  ) {
    const { requires, givesGroups } = kindRow(spec.kind);
    this.requires = requires;
    this.matching = spec.matching;
    this.unmatched = spec.unmatched;
    this.gives = givesGroups;
    this.hasOn = spec.on.length > 0;
    this.isOnly = parent.spec.edges.length === 1;
  }

  get leftTrack(): KeyTrack {
    return this.parent.keys.lefts[this.index] as KeyTrack;
  }

  get rightTrack(): KeyTrack {
    return this.child.keys.right as KeyTrack;
  }

  /** This edge's key of a parent row. */
  left(row: Row): any {
    return this.isOnly ? row.left : row.left[this.index];
  }

  /** The child rows held that this parent row can match, by the `on` equalities. */
  candidates(parent: Row): RowQueue {
    const { held } = this.child;
    return this.hasOn ? held.withOn(this.on(parent)) : held;
  }

  private on(parent: Row): unknown {
    return this.isOnly ? parent.ons : parent.ons[this.index];
  }

  /** A null among its `on` values: this parent row matches nothing. */
  parentNeverMatches(parent: Row): boolean {
    return this.hasOn && this.on(parent) === undefined;
  }

  /** Whether a child row that was just pulled can be of any use: if not, it need not be held. */
  canUse(row: Row): boolean {
    if (this.unmatched) return true;
    if (this.hasOn) return !this.childNeverMatches(row);
    if (this.matching.pick !== 'first' || !this.child.isLeaf) return true;
    const { held } = this.child;
    // The first of equal keys is always the one picked.
    return held.size === 0 || compareKeys(held.at(held.size - 1).right, row.right) !== 0;
  }

  childNeverMatches(child: Row): boolean {
    return this.hasOn && child.on === undefined;
  }
}
