import type { Json } from '../../base/json.js';

/** Where to open a stream so that it gives position `first` next. */
export interface ReadMark {
  readonly first: number;
  readonly mark: Json;
}

/** The marks of a node's batches, oldest first, back to the one that holds what a vector may still name. */
export class ReadMarks {
  private marks: ReadMark[] = [];

  constructor(start: ReadMark | undefined) {
    if (start !== undefined) this.marks.push(start);
  }

  add(first: number, mark: Json): void {
    this.marks.push({ first, mark });
  }

  /** The last place from which `from` comes again, or undefined for the beginning. */
  at(from: number): ReadMark | undefined {
    return this.marks[this.indexOf(from)];
  }

  /** Forgets what lies before the place that `from` is read from: no later vector names less. */
  passed(from: number): void {
    const index = this.indexOf(from);
    if (index > 0) this.marks = this.marks.slice(index);
  }

  private indexOf(from: number): number {
    let index = this.marks.length - 1;
    while (index >= 0 && this.marks[index]!.first > from) index--;
    return index;
  }
}
