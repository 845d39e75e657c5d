import { compareKeys } from '../../expressions/key.js';
import { type KeyDistance, shiftKey } from '../../joins/matching/matching.js';

/** An element that waits for its turn under slack. */
export interface Waiting {
  readonly element: object;
  readonly position: number;
  readonly key: any;
  /** The highest key that had come before this element. */
  readonly highBefore: any;
  released: boolean;
}

/**
 * The bounded reorder of a node with slack: elements in by position, out by (key, position), each as soon as no element
 * in time can come before it. It also knows the oldest element that is not out yet: from there a restart reads.
 */
export class ReorderBuffer {
  /** By (key, position), from `start` on. */
  private sorted: Waiting[] = [];
  private start = 0;
  /** By position, from `oldestIndex` on. */
  private arrived: Waiting[] = [];
  private oldestIndex = 0;

  constructor(private readonly slack: KeyDistance) {}

  /** The lowest key that is still in time when `high` has come. */
  limit(high: any): any {
    return shiftKey(high, -this.slack);
  }

  add(element: object, position: number, key: any, highBefore: any): void {
    const waiting = { element, position, key, highBefore, released: false };
    let at = this.sorted.length;
    while (at > this.start && compareKeys((this.sorted[at - 1] as Waiting).key, key) > 0) at--;
    if (at === this.sorted.length) this.sorted.push(waiting);
    else this.sorted.splice(at, 0, waiting);
    this.arrived.push(waiting);
  }

  /** The element that is out next, if there is one; it may not be its turn yet. */
  get next(): Waiting | undefined {
    return this.sorted[this.start];
  }

  /** The oldest element by position that is not out yet. */
  get oldest(): Waiting | undefined {
    return this.arrived[this.oldestIndex];
  }

  get size(): number {
    return this.sorted.length - this.start;
  }

  release(): Waiting {
    const waiting = this.sorted[this.start] as Waiting;
    waiting.released = true;
    this.start++;
    while (this.arrived[this.oldestIndex]?.released) this.oldestIndex++;
    if (this.start > 1024 && this.start * 2 > this.sorted.length) {
      this.sorted = this.sorted.slice(this.start);
      this.start = 0;
    }
    if (this.oldestIndex > 1024 && this.oldestIndex * 2 > this.arrived.length) {
      this.arrived = this.arrived.slice(this.oldestIndex);
      this.oldestIndex = 0;
    }
    return waiting;
  }
}
