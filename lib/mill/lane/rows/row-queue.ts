import { compareKeys } from '../../../expressions/key.js';
import type { Row } from './row.js';

/** The rows that a node holds, in order, in a ring buffer. */
export class RowQueue {
  private ring: (Row | undefined)[];
  private mask: number;
  private head = 0;
  size = 0;
  private gone = 0;

  /** `room`: the initial capacity, a power of two. */
  constructor(room = 16) {
    this.ring = new Array(room).fill(undefined);
    this.mask = room - 1;
  }

  at(index: number): Row {
    return this.ring[(this.head + index) & this.mask] as Row;
  }

  push(row: Row): void {
    if (this.size > this.mask) this.grow();
    this.ring[(this.head + this.size) & this.mask] = row;
    this.size++;
  }

  shift(): Row {
    const row = this.ring[this.head] as Row;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.size--;
    if (row.gone) this.gone--;
    return row;
  }

  /**
   * Marks a row that cannot match any more. It stays in the ring and is skipped until `sweep`, so that indexes do not
   * move.
   */
  markGone(row: Row): void {
    row.gone = true;
    this.gone++;
  }

  /** Removes the rows that are gone: those at the front immediately, others when they are more than half of all. */
  sweep(): void {
    if (this.gone === 0) return;
    while (this.size > 0 && this.at(0).gone) this.shift();
    if (this.gone > 16 && this.gone * 2 > this.size) this.compact();
  }

  /** The number of held rows that are not gone. */
  get count(): number {
    return this.size - this.gone;
  }

  /** The index of the first row whose right key is not below `key`. */
  firstFrom(key: any): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.at(middle).right, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the first row whose right key is above `key`. */
  firstAfter(key: any): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.at(middle).right, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the first row with this sequence number or a later one. */
  indexOf(sequence: number): number {
    let low = 0;
    let high = this.size;
    if (high > 0) {
      const guess = sequence - this.at(0).sequence;
      if (guess <= 0) return 0;
      if (guess < high && this.at(guess).sequence === sequence) return guess;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const rows = this.inOrder();
    this.ring = rows.concat(new Array(rows.length).fill(undefined));
    this.mask = this.ring.length - 1;
    this.head = 0;
  }

  private compact(): void {
    const rows = this.inOrder().filter((row) => !row.gone);
    this.ring.fill(undefined);
    this.head = 0;
    this.size = rows.length;
    this.gone = 0;
    for (let i = 0; i < rows.length; i++) this.ring[i] = rows[i];
  }

  private inOrder(): Row[] {
    return Array.from({ length: this.size }, (_, i) => this.at(i));
  }
}
