import { type KeyDistance, shiftKey } from '../../../joins/matching/matching.js';
import type { FedBatch } from './inbox.js';

/**
 * The bounded reorder of a node with slack: elements in by position, out by (key, position), each as soon as no element
 * in time can come before it. They are in that order from `head` to before `end` in arrays that only grow: when those
 * are full and three quarters of the places are free, the elements move to the front. What is out is a part of the arrays,
 * which is valid until the next element is added.
 */
export class ReorderBuffer {
  readonly elements: (object | undefined)[] = [];
  readonly positions: number[] = [];
  private readonly keys: any[] = [];
  head = 0;
  private end = 0;
  /** Up to where no element is held that is out. */
  private forgotten = 0;

  constructor(private readonly slack: KeyDistance) {}

  get size(): number {
    return this.end - this.head;
  }

  /** The lowest key that is still in time when `high` has come. */
  limit(high: any): any {
    return shiftKey(high, -this.slack);
  }

  /** Positions only grow: among equal keys the new element is the last. */
  add(element: object, position: number, key: any): void {
    this.makeRoom(1);
    this.insert(element, position, key);
  }

  /** Adds elements of a batch, from an index on and before another, with their keys. */
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
    // Elements come nearly in order: few have to move.
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

  /** The element that is out next; only if there is one. It may not be its turn yet. */
  get nextElement(): object {
    return this.elements[this.head] as object;
  }

  get nextKey(): any {
    return this.keys[this.head];
  }

  get nextPosition(): number {
    return this.positions[this.head] as number;
  }

  /** The next element is out. */
  drop(): void {
    this.elements[this.head++] = undefined;
  }

  /** The elements with keys up to this one are out; their keys go to the beginning of an array. Returns how many they are. */
  takeUpTo(limit: any, taken: any[]): number {
    const { keys, head, end } = this;
    let at = head;
    for (; at < end && keys[at] <= limit; at++) taken[at - head] = keys[at];
    this.head = at;
    return at - head;
  }

  /** Holds on to no element that is out. */
  forgetTaken(): void {
    this.elements.fill(undefined, this.forgotten, this.head);
    this.forgotten = this.head;
  }
}
