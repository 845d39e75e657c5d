/** What a call is about. The lane's answer is one. */
export interface CallRows {
  /** One master element; with a window all of it, in order. */
  readonly elements: readonly object[];
  /** The same with their groups; empty if no edge of the tree gives groups. */
  readonly rows: readonly CallRow[];
  /** The accumulator of a folded window, in place of its elements. */
  readonly folded?: unknown;
  /** The window's borders where it has any. */
  readonly start: unknown;
  readonly end: unknown;
}

/** An element with its groups: one per edge of its node that gives groups, in the edges' order. */
export interface CallRow {
  readonly element: object;
  /** The elements themselves where the child has no such edges, else its rows. Complete in a call. */
  readonly groups: readonly (readonly object[] | readonly CallRow[])[] | undefined;
}

/**
 * The members of a group in an array that the call may change: the machine that runs every tree gives one array to several
 * elements and calls. Most groups have one member: a literal has room for just that.
 */
export function ownGroup(members: readonly object[]): object[] {
  return members.length === 1 ? [members[0] as object] : members.slice();
}
