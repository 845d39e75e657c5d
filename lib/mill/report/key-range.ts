/** The first and the last key on one side of an edge; over several lanes, the lowest first and the highest last one. */
export interface KeyRange {
  readonly first: unknown;
  readonly last: unknown;
  readonly type: string;
}
