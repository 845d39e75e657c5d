import type { Json } from '../../base/json.js';

/** Where to open a stream so that it reads position `first` next. */
export interface ReadMark {
  readonly first: number;
  readonly mark: Json;
}

/** A batch whose mark may still be named, as the seam to a broker describes it. */
interface MarkedBatch extends ReadMark {
  readonly positions?: readonly number[] | undefined;
  /** The mark of one of its values, where the broker can tell. */
  readonly markAt?: ((index: number) => Json) | undefined;
}

/** The marks of a node's batches, oldest first, back to the one that holds what a vector may still name. */
export class ReadMarks {
  private batches: MarkedBatch[] = [];

  constructor(start: ReadMark | undefined) {
    if (start !== undefined) this.batches.push(start);
  }

  add(batch: MarkedBatch): void {
    const { first, mark, markAt, positions } = batch;
    this.batches.push(markAt === undefined ? { first, mark } : { first, mark, positions, markAt });
  }

  /** The last place from which `from` comes again, or undefined for the beginning. */
  at(from: number): ReadMark | undefined {
    const batch = this.batches[this.indexOf(from)];
    if (batch === undefined) return undefined;
    const { first, mark, markAt } = batch;
    const index = markAt === undefined ? 0 : indexIn(batch, from);
    return index === 0 || markAt === undefined ? { first, mark } : { first: from, mark: markAt(index) };
  }

  /** Forgets what is before the place that `from` is read from: no later vector names less. */
  passed(from: number): void {
    const index = this.indexOf(from);
    if (index > 0) this.batches = this.batches.slice(index);
  }

  private indexOf(from: number): number {
    let index = this.batches.length - 1;
    while (index >= 0 && this.batches[index]!.first > from) index--;
    return index;
  }
}

/** How many of the batch's values are before a position. */
function indexIn({ first, positions }: MarkedBatch, from: number): number {
  if (positions === undefined) return from - first;
  const index = positions.findIndex((position) => position >= from);
  return index < 0 ? positions.length : index;
}

/** From which of these marks all of them come; undefined: from the beginning. */
export function earliestMark(marks: readonly (ReadMark | null)[]): ReadMark | undefined {
  let earliest: ReadMark | undefined;
  for (const mark of marks) {
    if (mark === null) return undefined;
    if (earliest === undefined || mark.first < earliest.first) earliest = mark;
  }
  return earliest;
}
