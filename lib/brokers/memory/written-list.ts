import type { MessageClass } from '../../base/class.js';
import { type Columns, columnsOf } from '../../messages/columns.js';
import { elementCheckOf } from '../../messages/index.js';

/** The results of one class, kept in columns, and converted to elements on demand. */
export class WrittenList {
  length = 0;
  private readonly columns: Columns;
  /** The written elements, in order, as pairs of start and end indexes of the columns. */
  private readonly ranges: number[] = [];
  /** The elements made so far, from the first. */
  private readonly made: object[] = [];

  /** Keeps a copy of an element, and returns the index to pass to `add`. Throws if the class does not allow the element. */
  readonly take: (element: object) => number;

  /** `isChecked`: elements that their class does not allow are refused. */
  constructor(message: MessageClass<any>, isChecked: boolean) {
    const columns = columnsOf(message)();
    this.columns = columns;
    if (isChecked) {
      const check = elementCheckOf(message);
      this.take = (element) => {
        check(element);
        return columns.add(element);
      };
    } else {
      this.take = columns.add;
    }
  }

  /** Adds kept elements. */
  add(indexes: readonly number[]): void {
    const { ranges } = this;
    this.length += indexes.length;
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i] as number;
      if (ranges[ranges.length - 1] !== index) ranges.push(index, index);
      ranges[ranges.length - 1] = index + 1;
    }
  }

  /** Drops all elements after the first `length`. */
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

  /** Returns all elements in a new array. */
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
