import type { KeyDistance } from '../../../joins/distance.js';
import { shiftKey } from '../../../joins/matching/matching.js';
import type { FedBatch } from './inbox.js';

/**
 * The bounded reorder buffer of a node with slack: elements are added by position and taken out by (key, position),
 * each as soon as no element in time can precede it. They are ordered from `head` to before `end` in arrays that only
 * grow: when the arrays are full and three quarters of the slots are free, the elements move to the front. Taken
 * elements stay in the arrays, and are valid until the next element is added.
 */
export class ReorderBuffer {
  readonly elements: (object | undefined)[] = [];
  readonly positions: number[] = [];
  private readonly keys: any[] = [];
  head = 0;
  private end = 0;
  /** The slots before this index were cleared. */
  private forgotten = 0;

  constructor(private readonly slack: KeyDistance) {}

  get size(): number {
    return this.end - this.head;
  }

  /** The lowest key that is in time if `high` is the highest so far. */
  limit(high: any): any {
    return shiftKey(high, -this.slack);
  }

  /** Adds an element. Positions must increase: a new element comes after those with an equal key. */
  add(element: object, position: number, key: any): void {
    this.makeRoom(1);
    this.insert(element, position, key);
  }

  /** Adds the elements of a batch from index `from` to before `to`, with their keys. */
  addRun({ elements, first, positions }: FedBatch, from: number, to: number, keys: readonly any[]): void {
    this.makeRoom(to - from);
    for (let i = from; i < to; i++) {
      const position = positions === undefined ? first + i : (positions[i] as number);
      this.insert(elements[i] as object, position, keys[i - from]);
    }
  }

  private insert(element: object, position: number, key: any): void {
    const { elements, keys, positions, head } = this;
    let at = this.end++;
    // Elements arrive nearly in order, so few have to move.
    for (; at > head && keys[at - 1] > key; at--) {
      elements[at] = elements[at - 1];
      keys[at] = keys[at - 1];
      positions[at] = positions[at - 1] as number;
    }
    elements[at] = element;
    keys[at] = key;
    positions[at] = position;
  }

  private makeRoom(count: number): void {
    if (this.end + count > this.elements.length && this.head * 4 > this.end * 3) this.moveToFront();
  }

  private moveToFront(): void {
    const { elements, keys, positions, head, end } = this;
    const size = end - head;
    for (let i = 0; i < size; i++) {
      elements[i] = elements[head + i];
      keys[i] = keys[head + i];
      positions[i] = positions[head + i] as number;
    }
    elements.fill(undefined, size);
    this.head = 0;
    this.end = size;
    this.forgotten = 0;
  }

  /** The next element to take out. Only valid if there is one; it may not be due yet. */
  get nextElement(): object {
    return this.elements[this.head] as object;
  }

  get nextKey(): any {
    return this.keys[this.head];
  }

  get nextPosition(): number {
    return this.positions[this.head] as number;
  }

  /** Takes out the next element. */
  drop(): void {
    this.elements[this.head++] = undefined;
  }

  /**
   * Takes out the elements with keys up to `limit`, and writes their keys to the start of `taken`. Returns their
   * number.
   */
  takeUpTo(limit: any, taken: any[]): number {
    const { keys, head, end } = this;
    let at = head;
    for (; at < end && keys[at] <= limit; at++) taken[at - head] = keys[at];
    this.head = at;
    return at - head;
  }

  /** Drops the references to elements that were taken out. */
  forgetTaken(): void {
    this.elements.fill(undefined, this.forgotten, this.head);
    this.forgotten = this.head;
  }
}
