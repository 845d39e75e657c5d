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

  /** What is left of the batch at hand: `elements` from `index` on; only when not empty. */
  get elements(): readonly object[] {
    return (this.current as FedBatch).elements;
  }

  /** Passes what stands before this index of the batch at hand. */
  advanceTo(index: number): void {
    this.index = index;
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

interface FedBatch {
  readonly elements: readonly object[];
  readonly first: number;
  readonly positions: readonly number[] | undefined;
}
