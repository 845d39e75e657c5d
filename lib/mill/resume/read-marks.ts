import type { Json } from '../../base/json.js';

/** The mark at which a stream is opened to read position `first` next. */
export interface ReadMark {
  readonly first: number;
  readonly mark: Json;
}

/** A batch whose mark may still be needed, as the broker interface describes it. */
interface MarkedBatch extends ReadMark {
  readonly positions?: readonly number[] | undefined;
  /** The mark of one of its values, if the broker can tell. */
  readonly markAt?: ((index: number) => Json) | undefined;
}

/**
 * The marks of a node's batches, oldest first, back to the batch with the oldest position that a vector may still
 * contain.
 */
export class ReadMarks {
  private batches: MarkedBatch[] = [];

  constructor(start: ReadMark | undefined) {
    if (start !== undefined) this.batches.push(start);
  }

  add(batch: MarkedBatch): void {
    const { first, mark, markAt, positions } = batch;
    this.batches.push(markAt === undefined ? { first, mark } : { first, mark, positions, markAt });
  }

  /** The last mark from which `from` comes again, or undefined for the beginning. */
  at(from: number): ReadMark | undefined {
    const batch = this.batches[this.indexOf(from)];
    if (batch === undefined) return undefined;
    const { first, mark, markAt } = batch;
    const index = markAt === undefined ? 0 : indexIn(batch, from);
    return index === 0 || markAt === undefined ? { first, mark } : { first: from, mark: markAt(index) };
  }

  /** Drops the marks before the one that `from` is read from: later vectors contain no lower positions. */
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

/** The number of values of the batch before a position. */
function indexIn({ first, positions }: MarkedBatch, from: number): number {
  if (positions === undefined) return from - first;
  const index = positions.findIndex((position) => position >= from);
  return index < 0 ? positions.length : index;
}

/** The mark from which the positions of all these marks come again; undefined for the beginning. */
export function earliestMark(marks: readonly (ReadMark | null)[]): ReadMark | undefined {
  let earliest: ReadMark | undefined;
  for (const mark of marks) {
    if (mark === null) return undefined;
    if (earliest === undefined || mark.first < earliest.first) earliest = mark;
  }
  return earliest;
}
