/** Values that are there, or can be had without waiting, for one reader. */
export interface ValueSource {
  /** So many values from an index on; fewer where no more come, because they ended or because `failure` says why. */
  slice(from: number, count: number): readonly unknown[];
  /** How many there are in all, where that is known. */
  readonly size?: number;
  readonly failure?: { readonly cause: unknown };
  close?(): void;
}

/** An array: batches are cut out of it, nothing else is copied. */
export class ArraySource implements ValueSource {
  constructor(private readonly values: readonly unknown[]) {}

  get size(): number {
    return this.values.length;
  }

  slice(from: number, count: number): readonly unknown[] {
    return this.values.slice(from, from + count);
  }
}
