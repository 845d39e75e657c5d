/** Values that are there, or can be had without waiting, for one reader. */
export interface ValueSource {
  /** So many values from an index on; fewer where no more come, because they ended or because `failure` says why. */
  slice(from: number, count: number): readonly unknown[];
  readonly failure?: { readonly cause: unknown };
  close?(): void;
}
