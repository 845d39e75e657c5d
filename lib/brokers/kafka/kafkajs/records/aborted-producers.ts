/** An aborted transaction. */
export interface AbortedTransaction {
  readonly producer: bigint;
  /** The offset of its first record in the partition. */
  readonly firstOffset: number;
}

/**
 * Tracks the producers with an aborted transaction while batches are read in order. A fetch lists such transactions in
 * the order of their ends, not of their starts.
 */
export class AbortedProducers {
  private readonly left: AbortedTransaction[];
  private next = 0;
  private readonly producers = new Set<bigint>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.left = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Begins all transactions whose first record is at or before this offset. */
  goTo(offset: number): void {
    for (; this.next < this.left.length && this.left[this.next]!.firstOffset <= offset; this.next++) {
      this.producers.add(this.left[this.next]!.producer);
    }
  }

  has(producer: bigint): boolean {
    return this.producers.has(producer);
  }

  /** Ends the transaction of a producer, at its control record. */
  end(producer: bigint): void {
    this.producers.delete(producer);
  }
}
