import { compareKeys } from '../../../expressions/key.js';
import type { Evaluator } from './evaluator.js';
import type { LaneEdge } from './lane-tree.js';
import { NO, type Row, UNKNOWN } from './row.js';

/**
 * As-of backward and nearest hold one row per value of `on`: once a later survivor is at or before every parent key to
 * come, the earlier ones are never picked again.
 */
export class Superseded {
  private nextSequence = 0;
  private readonly latest = new Map<unknown, Row>();
  /** In stream order; those before `nextUndecided` are settled. */
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
      // For nearest an exact hit takes the first of equals: only what is strictly before can be overtaken by it.
      if (order > 0 || (strictly && order === 0)) break;
      this.nextSequence = row.sequence + 1;
      if (!row.gone && !this.settle(evaluator, row)) this.undecided.push(row);
    }
    held.sweep();
  }

  /**
   * In their order, up to the first that is still not decided: what decides it comes before what decides most others, and to
   * ask them all at every step would cost the square of them.
   */
  private settleUndecided(evaluator: Evaluator): void {
    const { held } = this.edge.child;
    const { undecided } = this;
    // Those that were evicted in the meantime are no longer held.
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

  /** False if it is not known yet whether the row survives. */
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

  /** The row is not held any longer. */
  forget(row: Row): void {
    if (this.latest.get(row.on) === row) this.latest.delete(row.on);
  }
}
