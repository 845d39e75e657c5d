/**
 * Elements in order, at positions `first`, `first + 1`, … or at the given ones. Only elements with an index of at least
 * `from` and below `to` count. Default: all.
 */
export type Fed = [
  elements: readonly object[],
  first: number,
  positions?: readonly number[] | undefined,
  from?: number,
  to?: number,
];

export interface FedBatch {
  readonly elements: readonly object[];
  readonly first: number;
  readonly positions: readonly number[] | undefined;
  readonly from: number;
  readonly to: number;
}

/** A batch without its elements, and the number of elements in the batches before it. */
type PassedBatch = Omit<FedBatch, 'elements'> & { readonly takenBefore: number };

const nothing: FedBatch = Object.freeze({
  elements: Object.freeze([]),
  first: 0,
  positions: undefined,
  from: 0,
  to: 0,
});

/** The queue of batches that a node was fed and has not taken yet. */
export class Inbox {
  /** The current batch: elements before `index` have been taken. `elements` and `end` are copied from the batch. */
  batch: FedBatch = nothing;
  elements: readonly object[] = nothing.elements;
  index = 0;
  end = 0;
  private readonly further: FedBatch[] = [];
  /** Keeps the positions of batches that were taken completely, until `forgetPassed`. */
  keepsPassed = false;
  private passed: PassedBatch[] = [];
  /** The number of elements in the batches before the current one. */
  private takenBefore = 0;
  private nextUnread: number;

  constructor(from: number) {
    this.nextUnread = from;
  }

  feed(...[elements, first, positions, from = 0, to = elements.length]: Fed): void {
    if (from === to) return;
    const batch = { elements, first, positions, from, to };
    if (this.isEmpty) this.begin(batch);
    else this.further.push(batch);
  }

  get isEmpty(): boolean {
    return this.batch === nothing;
  }

  /** The number of elements that are not taken yet. */
  get size(): number {
    let size = this.end - this.index;
    for (const { from, to } of this.further) size += to - from;
    return size;
  }

  /** The next element. Only valid if the inbox is not empty. */
  get element(): object {
    return this.elements[this.index] as object;
  }

  /** The position of the next element. Only valid if the inbox is not empty. */
  get position(): number {
    return this.positionAt(this.index);
  }

  /** The position of the element at an index of the current batch. */
  positionAt(index: number): number {
    const { first, positions } = this.batch;
    return positions === undefined ? first + index : (positions[index] as number);
  }

  /** The position of the first unread element. */
  get unread(): number {
    return this.isEmpty ? this.nextUnread : this.position;
  }

  /** The position after the last element that was fed. */
  get fedTo(): number {
    if (this.isEmpty) return this.nextUnread;
    const { first, positions, to } = this.further.at(-1) ?? this.batch;
    return (positions?.[to - 1] ?? first + to - 1) + 1;
  }

  /**
   * The position of the first unread element at the time when `taken` elements had been taken. `taken` must not be
   * lower than the count at the last `forgetPassed`.
   */
  unreadAfter(taken: number): number {
    for (const { first, positions, from, to, takenBefore } of this.passed) {
      const index = from + taken - takenBefore;
      if (index < to) return positions?.[index] ?? first + index;
    }
    const index = this.batch.from + taken - this.takenBefore;
    return index < this.end ? this.positionAt(index) : this.nextUnread;
  }

  forgetPassed(): void {
    if (this.passed.length > 0) this.passed = [];
  }

  /** The number of elements taken so far. */
  get taken(): number {
    return this.takenBefore + this.index - this.batch.from;
  }

  /** Takes all elements before this index of the current batch. */
  passTo(index: number): void {
    this.index = index;
    if (index === this.end) this.finish();
  }

  advance(): void {
    this.passTo(this.index + 1);
  }

  private begin(batch: FedBatch): void {
    this.batch = batch;
    this.elements = batch.elements;
    this.index = batch.from;
    this.end = batch.to;
  }

  private finish(): void {
    const { end, takenBefore } = this;
    if (this.keepsPassed) {
      const { first, positions, from, to } = this.batch;
      this.passed.push({ first, positions, from, to, takenBefore });
    }
    this.nextUnread = this.positionAt(end - 1) + 1;
    this.takenBefore += end - this.batch.from;
    this.begin(nothing);
    const next = this.further.shift();
    if (next !== undefined) this.begin(next);
  }
}
