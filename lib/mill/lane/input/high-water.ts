import { compareToPlace, type Place } from '../../resume/place.js';

const FIRST_SIZE = 16;

/**
 * The high-water marks of a node under slack: the elements that had the highest key so far when they arrived, starting
 * after the elements that are done. The first element after any place is always one of them, so they determine the
 * position to read again from. A ring buffer.
 */
export class HighWater {
  private keys: any[] = new Array(FIRST_SIZE).fill(0);
  private positions: number[] = new Array(FIRST_SIZE).fill(0);
  private mask = FIRST_SIZE - 1;
  private head = 0;
  private size = 0;
  /** The highest key of all elements so far. */
  highest: any;

  constructor(
    /** The highest key before the first mark in the ring. */
    public high: any,
  ) {
    this.highest = high;
  }

  /** Adds an element, if it is a high-water mark. Positions must increase. */
  add(position: number, key: any): void {
    if (key < this.highest) return;
    this.highest = key;
    if (this.size > this.mask) this.grow();
    const at = (this.head + this.size) & this.mask;
    this.keys[at] = key;
    this.positions[at] = position;
    this.size++;
  }

  /** The position of the first mark, if there is one. */
  get from(): number | undefined {
    return this.size === 0 ? undefined : this.positions[this.head];
  }

  /** Drops the marks up to a place. */
  pass(place: Place): void {
    const { keys, positions, mask } = this;
    let { head } = this;
    while (this.size > 0 && compareToPlace(keys[head], positions[head] as number, place) <= 0) {
      this.high = keys[head];
      head = (head + 1) & mask;
      this.size--;
    }
    this.head = head;
  }

  /** The position of the first mark after a place, if there is one, and the highest key before it. */
  after(place: Place): { readonly from: number | undefined; readonly high: any } {
    const { keys, positions, mask, head, size } = this;
    let { high } = this;
    for (let i = 0; i < size; i++) {
      const at = (head + i) & mask;
      const from = positions[at] as number;
      if (compareToPlace(keys[at], from, place) > 0) return { from, high };
      high = keys[at];
    }
    return { from: undefined, high };
  }

  private grow(): void {
    const { head } = this;
    this.keys = fromHead(this.keys, head);
    this.positions = fromHead(this.positions, head);
    this.head = 0;
    this.mask = this.keys.length - 1;
  }
}

/** The contents of a full ring from its head on, followed by as many free slots. */
function fromHead<T>(ring: readonly T[], head: number): T[] {
  return ring.slice(head).concat(ring.slice(0, head), ring);
}
