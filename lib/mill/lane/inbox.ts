/** The elements that a node was fed and has not taken yet, batch after batch. */
export class Inbox {
  private readonly batches: FedBatch[] = [];
  private current: FedBatch | undefined = undefined;
  /** Where the next element stands in its batch. */
  index = 0;
  private nextUnread: number;

  constructor(from: number) {
    this.nextUnread = from;
  }

  feed(elements: readonly object[], first: number, positions: readonly number[] | undefined): void {
    if (elements.length === 0) return;
    const batch = { elements, first, positions };
    if (this.current === undefined) {
      this.current = batch;
      this.index = 0;
    } else {
      this.batches.push(batch);
    }
  }

  get isEmpty(): boolean {
    return this.current === undefined;
  }

  /** The element that is next; only when not empty. */
  get element(): object {
    const { current, index } = this;
    return (current as FedBatch).elements[index] as object;
  }

  /** The position of that element. */
  get position(): number {
    const current = this.current as FedBatch;
    return current.positions === undefined ? current.first + this.index : (current.positions[this.index] as number);
  }

  /** The position from which everything is unread. */
  get unread(): number {
    return this.current === undefined ? this.nextUnread : this.position;
  }

  /** The batch at hand, of which what stands before `index` is passed; only when not empty. */
  get batch(): FedBatch {
    return this.current as FedBatch;
  }

  /** Passes what stands before this index of the batch at hand, or all of it. */
  passTo(index: number): void {
    const last = this.batch.elements.length - 1;
    this.index = Math.min(index, last);
    if (index > last) this.advance();
  }

  advance(): void {
    const current = this.current as FedBatch;
    if (this.index + 1 < current.elements.length) {
      this.index++;
      return;
    }
    this.nextUnread = this.position + 1;
    this.current = this.batches.shift();
    this.index = 0;
  }
}

/** Elements in order, at positions `first`, `first + 1`, … or at those given. */
export interface FedBatch {
  readonly elements: readonly object[];
  readonly first: number;
  readonly positions: readonly number[] | undefined;
}
