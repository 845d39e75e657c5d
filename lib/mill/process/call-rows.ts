/** The rows of a call; an answer of the lane has them. */
export interface CallRows {
  /** One master element; with a window, all of its elements, in order. */
  readonly elements: readonly object[];
  /** The same elements with their groups; empty if no edge of the tree has groups. */
  readonly rows: readonly CallRow[];
  /** The accumulator of a folded window, in place of its elements. */
  readonly folded?: unknown;
  /** The borders of the window, if it has any. */
  readonly start: unknown;
  readonly end: unknown;
}

/** An element with its groups: one per edge of its node that has groups, in the order of the edges. */
export interface CallRow {
  readonly element: object;
  /** Elements if the child has no such edges itself, otherwise rows. Complete during a call. */
  readonly groups: readonly (readonly object[] | readonly CallRow[])[] | undefined;
}

/**
 * The members of a group in an array that the call may change: the general machine shares one array between several
 * elements and calls. Most groups have one member: the array literal allocates exactly one slot.
 */
export function ownGroup(members: readonly object[]): object[] {
  return members.length === 1 ? [members[0] as object] : members.slice();
}
