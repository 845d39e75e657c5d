/** From this length on a batch is kept as it came; shorter ones are collected. */
const longBatch = 256;

/** The results of one class, in the batches in which they came: nothing is copied before it is needed. */
export class WrittenList {
  length = 0;
  private batches: (readonly object[])[] = [];
  /** The last batch, where it is one of ours, to which may be added. */
  private open: object[] | undefined;

  /** Keeps these elements; the array must not change any longer. */
  add(elements: readonly object[]): void {
    this.length += elements.length;
    if (elements.length >= longBatch) {
      this.batches.push(elements);
      this.open = undefined;
      return;
    }
    if (this.open === undefined || this.open.length >= longBatch) {
      this.open = [];
      this.batches.push(this.open);
    }
    this.open.push(...elements);
  }

  /** Forgets all elements but so many. */
  truncate(length: number): void {
    if (length >= this.length) return;
    const kept = this.all().slice(0, length);
    this.batches = [];
    this.open = undefined;
    this.length = 0;
    if (kept.length > 0) this.add(kept);
  }

  /** A new array of all of them. */
  all(): object[] {
    const all: object[] = [];
    for (const batch of this.batches) for (let i = 0; i < batch.length; i++) all.push(batch[i] as object);
    return all;
  }
}
