import { compareToPlace, type Place } from './place.js';

/** What is passed is cut off when it is this much and more than half. */
const LEAST_CUT = 64;

/**
 * The keys of what came of a node with slack, by position, from the oldest element on that a restart needs: so it is known
 * where to read again. It holds no elements.
 */
export class Arrivals {
  private keys: any[] = [];
  private positions: number[] = [];
  /** Those before are passed, */
  private first = 0;

  constructor(
    /** and this was their highest key. */
    public high: any,
  ) {}

  add(position: number, key: any): void {
    this.keys.push(key);
    this.positions.push(position);
  }

  /** The position of the oldest, where there is one. */
  get from(): number | undefined {
    return this.positions[this.first];
  }

  /** Passes the oldest of them, as long as they lie at or before a place of the new order. */
  pass(place: Place): void {
    const end = this.endOf(place);
    this.high = this.highBefore(end);
    this.first = end;
    if (end < LEAST_CUT || end * 2 < this.keys.length) return;
    this.keys = this.keys.slice(end);
    this.positions = this.positions.slice(end);
    this.first = 0;
  }

  /** Passes the oldest, as long as they lie before the element at this position in the new order. */
  passBefore(position: number): void {
    this.pass(this.placeBefore(position));
  }

  /** From where the element at this position, and all after it in the new order, come again. */
  startOf(position: number): ArrivalStart {
    const after = this.placeBefore(position);
    const end = this.endOf(after);
    return { from: this.positions[end] as number, high: this.highBefore(end), after };
  }

  private endOf(place: Place): number {
    const { keys, positions } = this;
    let end = this.first;
    while (end < keys.length && compareToPlace(keys[end], positions[end] as number, place) <= 0) end++;
    return end;
  }

  private highBefore(end: number): any {
    const { keys } = this;
    let { high } = this;
    for (let i = this.first; i < end; i++) if (keys[i] > high) high = keys[i];
    return high;
  }

  /** A place between the element at this position and all before it in the new order. */
  private placeBefore(position: number): Place {
    const { positions } = this;
    let low = this.first;
    let high = positions.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((positions[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return { key: this.keys[low], position: position - 1 };
  }
}

/** Where a node with slack is read again. */
export interface ArrivalStart {
  readonly from: number;
  /** The highest key before. */
  readonly high: any;
  /** The place up to which elements are done. */
  readonly after: Place;
}
