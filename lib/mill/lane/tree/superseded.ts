import { compareKeys } from '../../../expressions/key.js';
import type { LaneEdge } from '../nodes/lane-tree.js';
import { NO, type Row, UNKNOWN } from '../rows/row.js';
import type { Evaluator } from './evaluator.js';

/**
 * Frees the rows of an as-of edge, backward or nearest, that a later one replaces: as soon as a later survivor with the
 * same `on` value is at or before every parent key to come, the earlier ones are never picked again.
 */
export class Superseded {
  private nextSequence = 0;
  private readonly latest = new Map<unknown, Row>();
  /** In stream order. Rows before `nextUndecided` are settled. */
  private undecided: Row[] = [];
  private nextUndecided = 0;

  constructor(private readonly edge: LaneEdge) {}

  evict(evaluator: Evaluator, floor: any): void {
    const { held } = this.edge.child;
    const strictly = this.edge.matching.pick === 'nearest';
    if (this.undecided.length > 0) this.settleUndecided(evaluator);
    for (let i = held.indexOf(this.nextSequence); i < held.size; i++) {
      const row = held.at(i);
      const order = compareKeys(row.right, floor);
      // Nearest takes the first of several exact hits, so only a row strictly before the key can be superseded by it.
      if (order > 0 || (strictly && order === 0)) break;
      this.nextSequence = row.sequence + 1;
      if (!row.gone && !this.settle(evaluator, row)) this.undecided.push(row);
    }
    held.sweep();
  }

  /**
   * Settles undecided rows in order, up to the first that is still undecided: what decides it usually comes before what
   * decides the others, and asking all of them in every step would take quadratic time.
   */
  private settleUndecided(evaluator: Evaluator): void {
    const { held } = this.edge.child;
    const { undecided } = this;
    // Rows that were evicted in the meantime are no longer held.
    const oldest = held.size > 0 ? held.at(0).sequence : this.nextSequence;
    let i = this.nextUndecided;
    for (; i < undecided.length; i++) {
      const row = undecided[i] as Row;
      if (!row.gone && row.sequence >= oldest && !this.settle(evaluator, row)) break;
    }
    this.nextUndecided = i;
    if (i * 2 < undecided.length) return;
    this.undecided = undecided.slice(i);
    this.nextUndecided = 0;
  }

  /** Returns false if it is not known yet whether the row survives. */
  private settle(evaluator: Evaluator, row: Row): boolean {
    const verdict = evaluator.verdict(this.edge.child, row);
    if (verdict === UNKNOWN) return false;
    if (verdict === NO) return true;
    const { held } = this.edge.child;
    const { on } = row;
    const other = this.latest.get(on);
    if (other !== undefined && other.sequence > row.sequence) {
      held.markGone(row);
      return true;
    }
    if (other !== undefined) held.markGone(other);
    this.latest.set(on, row);
    return true;
  }

  /** Drops the reference to a row that is no longer held. */
  forget(row: Row): void {
    if (this.latest.get(row.on) === row) this.latest.delete(row.on);
  }
}
