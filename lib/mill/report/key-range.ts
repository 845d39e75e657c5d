/** The first and the last key that a side of an edge showed. */
export interface KeyRange {
  readonly first: unknown;
  readonly last: unknown;
  readonly type: string;
}
