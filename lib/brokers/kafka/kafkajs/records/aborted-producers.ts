/** A transaction whose records are for nobody. */
export interface AbortedTransaction {
  readonly producer: bigint;
  /** Of its first record in the partition. */
  readonly firstOffset: number;
}

/**
 * Whose records are those of an aborted transaction, on the way through a partition. A fetch lists such transactions in the
 * order in which they were aborted, not in that in which they began.
 */
export class AbortedProducers {
  private readonly left: AbortedTransaction[];
  private next = 0;
  private readonly producers = new Set<bigint>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.left = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** All that begin up to this offset have begun. */
  goTo(offset: number): void {
    for (; this.next < this.left.length && this.left[this.next]!.firstOffset <= offset; this.next++) {
      this.producers.add(this.left[this.next]!.producer);
    }
  }

  has(producer: bigint): boolean {
    return this.producers.has(producer);
  }

  /** The mark that ends its transaction was read. */
  end(producer: bigint): void {
    this.producers.delete(producer);
  }
}
