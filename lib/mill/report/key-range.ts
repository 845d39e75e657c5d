/** The first and the last key that a side of an edge showed; of several lanes the lowest first and the highest last one. */
export interface KeyRange {
  readonly first: unknown;
  readonly last: unknown;
  readonly type: string;
}
