import { compareToPlace, type Place } from '../../resume/place.js';

const FIRST_SIZE = 16;

/**
 * Under slack: which elements were the highest when they came, from the first of them after what is done. The
 * first of all elements after any place is always one of these, so they determine where to read again. A ring, so that they
 * come and go without moving.
 */
export class HighWater {
  private keys: any[] = new Array(FIRST_SIZE).fill(0);
  private positions: number[] = new Array(FIRST_SIZE).fill(0);
  private mask = FIRST_SIZE - 1;
  private head = 0;
  private size = 0;
  /** The highest key of all that came. */
  highest: any;

  constructor(
    /** The highest key before the first of them. */
    public high: any,
  ) {
    this.highest = high;
  }

  /** An element came; positions only grow. */
  add(position: number, key: any): void {
    if (key < this.highest) return;
    this.highest = key;
    if (this.size > this.mask) this.grow();
    const at = (this.head + this.size) & this.mask;
    this.keys[at] = key;
    this.positions[at] = position;
    this.size++;
  }

  /** The position of the first, where there is one. */
  get from(): number | undefined {
    return this.size === 0 ? undefined : this.positions[this.head];
  }

  /** Passes those up to a place. */
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

  /** The first after a place, if there is one, and the highest key before it. */
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

/** A full ring from its head on, with as many free places. */
function fromHead<T>(ring: readonly T[], head: number): T[] {
  return ring.slice(head).concat(ring.slice(0, head), ring);
}
