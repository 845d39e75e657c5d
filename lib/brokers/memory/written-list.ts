import type { MessageClass } from '../../base/class.js';
import { type Columns, columnsOf } from '../../messages/columns.js';

/** The results of one class. They are kept in columns, and made elements when they are asked for. */
export class WrittenList {
  length = 0;
  private readonly columns: Columns;
  /** The written elements, in order: from an index of the columns up to another, pair after pair. */
  private readonly ranges: number[] = [];
  /** The elements that were asked for, from the first. */
  private readonly made: object[] = [];

  constructor(message: MessageClass<any>) {
    this.columns = columnsOf(message)();
  }

  /** Keeps an element as it is now, and returns the index by which it is added. */
  readonly take = (element: object): number => this.columns.add(element);

  /** Adds what was taken. */
  add(indexes: readonly number[]): void {
    const { ranges } = this;
    this.length += indexes.length;
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i] as number;
      if (ranges[ranges.length - 1] !== index) ranges.push(index, index);
      ranges[ranges.length - 1] = index + 1;
    }
  }

  /** Forgets all elements but the first `length`. */
  truncate(length: number): void {
    const { ranges, made } = this;
    while (this.length > length) {
      const from = ranges[ranges.length - 2] as number;
      const to = ranges[ranges.length - 1] as number;
      const cut = Math.min(this.length - length, to - from);
      if (cut === to - from) ranges.length -= 2;
      else ranges[ranges.length - 1] = to - cut;
      this.length -= cut;
    }
    if (made.length > this.length) made.length = this.length;
  }

  /** A new array of all of them. */
  all(): object[] {
    const { ranges, made, columns } = this;
    let before = 0;
    for (let i = 0; i < ranges.length; i += 2) {
      const from = ranges[i] as number;
      const to = ranges[i + 1] as number;
      for (let index = from + Math.max(0, made.length - before); index < to; index++) made.push(columns.at(index));
      before += to - from;
    }
    return made.slice();
  }
}
