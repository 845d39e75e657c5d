/**
 * The upper bounds of the buckets for the duration of calls, in seconds: from that of a synchronous call up to a stuck
 * one.
 */
export const callBounds: readonly number[] = [
  0.000_001, 0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** The upper bounds of the buckets for the duration of commits, in seconds. */
export const commitBounds: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A histogram of durations. */
export class Histogram {
  /** The count of each bucket, not cumulative; the last one is above all bounds. */
  readonly counts: number[];
  count = 0;
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  /** Adds this many durations. */
  add(seconds: number, count: number): void {
    const { bounds, counts } = this;
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    counts[i] = (counts[i] as number) + count;
    this.count += count;
    this.sum += seconds * count;
  }

  /** The sum of at least one histogram, all with the same bounds. */
  static sumOf(histograms: readonly Histogram[]): Histogram {
    const sum = new Histogram((histograms[0] as Histogram).bounds);
    for (const histogram of histograms) sum.addAll(histogram);
    return sum;
  }

  private addAll(other: Histogram): void {
    for (let i = 0; i < this.counts.length; i++)
      this.counts[i] = (this.counts[i] as number) + (other.counts[i] as number);
    this.count += other.count;
    this.sum += other.sum;
  }
}
