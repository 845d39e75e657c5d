import { type KeyDistance, shiftKey } from '../../joins/matching/matching.js';

/** The places at first: one is the list's end. */
const FIRST_SIZE = 64;

/**
 * The bounded reorder of a node with slack: elements in by position, out by (key, position), each as soon as no element
 * in time can come before it. A linked list in parallel arrays: an element costs no object, and an insertion moves none.
 */
export class ReorderBuffer {
  private readonly elements: (object | undefined)[] = new Array(FIRST_SIZE).fill(undefined);
  private readonly keys: any[] = new Array(FIRST_SIZE).fill(0);
  private readonly positions: number[] = new Array(FIRST_SIZE).fill(0);
  /** Which place follows, and which is before. Place 0 closes the ring: it follows the last and is before the first. */
  private following = new Int32Array(FIRST_SIZE);
  private before = new Int32Array(FIRST_SIZE);
  /** Places that were left, each with the next of them in `following`; 0: none. */
  private free = 0;
  /** How many places were ever taken. */
  private used = 1;
  size = 0;

  constructor(private readonly slack: KeyDistance) {}

  /** The lowest key that is still in time when `high` has come. */
  limit(high: any): any {
    return shiftKey(high, -this.slack);
  }

  /** Positions only grow: among equal keys the new element is the last. */
  add(element: object, position: number, key: any): void {
    const place = this.takePlace();
    const { keys, following, before } = this;
    this.elements[place] = element;
    this.positions[place] = position;
    keys[place] = key;
    let left = before[0] as number;
    // Elements come nearly in order: this is short.
    while (left !== 0 && keys[left] > key) left = before[left] as number;
    const right = following[left] as number;
    before[place] = left;
    following[place] = right;
    following[left] = place;
    before[right] = place;
    this.size++;
  }

  private takePlace(): number {
    const { free } = this;
    if (free !== 0) {
      this.free = this.following[free] as number;
      return free;
    }
    if (this.used === this.following.length) {
      this.following = doubled(this.following);
      this.before = doubled(this.before);
    }
    return this.used++;
  }

  /** The element that is out next; only where there is one. It may not be its turn yet. */
  get nextElement(): object {
    return this.elements[this.following[0] as number] as object;
  }

  get nextKey(): any {
    return this.keys[this.following[0] as number];
  }

  get nextPosition(): number {
    return this.positions[this.following[0] as number] as number;
  }

  /** The next element is out. */
  drop(): void {
    const place = this.following[0] as number;
    this.elements[place] = undefined;
    this.leave(place, place, 1);
  }

  /** The elements with keys up to this one are out: they go to the beginnings of arrays, as many as it says. */
  takeUpTo(limit: any, elements: (object | undefined)[], keys: any[], positions: number[]): number {
    const { following } = this;
    const first = following[0] as number;
    let count = 0;
    let last = 0;
    let next = first;
    while (next !== 0 && this.keys[next] <= limit) {
      elements[count] = this.elements[next];
      keys[count] = this.keys[next];
      positions[count] = this.positions[next] as number;
      this.elements[next] = undefined;
      count++;
      last = next;
      next = following[last] as number;
    }
    if (count > 0) this.leave(first, last, count);
    return count;
  }

  /** Leaves the places of the first so many elements, which follow each other. */
  private leave(first: number, last: number, count: number): void {
    const { following } = this;
    const next = following[last] as number;
    following[0] = next;
    this.before[next] = 0;
    following[last] = this.free;
    this.free = first;
    this.size -= count;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const double = new Int32Array(array.length * 2);
  double.set(array);
  return double;
}
