import { type KeyDistance, shiftKey } from '../../joins/matching/matching.js';

/** The fewest places of a ring; a power of two. */
const LEAST = 64;

/**
 * The bounded reorder of a node with slack: elements in by position, out by (key, position), each as soon as no element
 * in time can come before it. A ring of parallel arrays: an element costs no object, and an insertion moves only what it
 * overtakes.
 */
export class ReorderBuffer {
  private elements: (object | undefined)[] = new Array(LEAST).fill(undefined);
  private keys: any[] = new Array(LEAST).fill(0);
  private positions: number[] = new Array(LEAST).fill(0);
  private mask = LEAST - 1;
  private head = 0;
  size = 0;

  constructor(private readonly slack: KeyDistance) {}

  /** The lowest key that is still in time when `high` has come. */
  limit(high: any): any {
    return shiftKey(high, -this.slack);
  }

  /** Positions only grow: among equal keys the new element is the last. */
  add(element: object, position: number, key: any): void {
    if (this.size > this.mask) this.grow();
    const { elements, keys, positions, mask, head } = this;
    let at = head + this.size;
    this.size++;
    for (; at > head; at--) {
      const before = (at - 1) & mask;
      if (!(keys[before] > key)) break;
      const to = at & mask;
      elements[to] = elements[before];
      keys[to] = keys[before];
      positions[to] = positions[before] as number;
    }
    const to = at & mask;
    elements[to] = element;
    keys[to] = key;
    positions[to] = position;
  }

  /** The element that is out next; only where there is one. It may not be its turn yet. */
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
    this.elements[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.size--;
  }

  private grow(): void {
    this.elements = inOrder(this.elements, this.head, undefined);
    this.keys = inOrder(this.keys, this.head, 0);
    this.positions = inOrder(this.positions, this.head, 0);
    this.head = 0;
    this.mask = this.elements.length - 1;
  }
}

/** A full ring from its head on, with as many free places. */
function inOrder<T>(ring: readonly T[], head: number, free: T): T[] {
  return ring.slice(head).concat(ring.slice(0, head), new Array<T>(ring.length).fill(free));
}
