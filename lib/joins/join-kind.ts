/**
 * The definition of a join kind: which parent elements it drops, and the use of the matches. No other code checks for the
 * name of a kind.
 */
interface KindRow {
  /** A parent element that has a match is dropped. */
  readonly dropsWithMatch: boolean;
  /** A parent element that has no match is dropped. */
  readonly dropsWithoutMatch: boolean;
  /** The process function gets the matches; otherwise the edge only selects. */
  readonly hasGroups: boolean;
  /** The SQL form: how the child's table is joined, or the condition that stands for it. */
  readonly sql: { readonly join: string } | { readonly where: string };
  /**
   * The moment at which the matches of a parent element are known, neither earlier nor later. `complete` and `tooHigh`
   * are clauses: the child has shown the whole group; the child has shown that nothing more can match.
   */
  decided(words: { readonly parent: string; readonly complete: string; readonly tooHigh: string }): string;
}

/** All kinds. To add one, add its row: see docs/how-to-add-a-join-kind.md. */
const kinds = {
  inner: {
    dropsWithMatch: false,
    dropsWithoutMatch: true,
    hasGroups: true,
    sql: { join: 'JOIN' },
    decided: ({ complete }) => `as soon as ${complete}, or has ended`,
  },
  left: {
    dropsWithMatch: false,
    dropsWithoutMatch: false,
    hasGroups: true,
    sql: { join: 'LEFT JOIN' },
    decided: ({ complete }) => `as soon as ${complete}, or has ended; that proves absence as well`,
  },
  semi: {
    dropsWithMatch: false,
    dropsWithoutMatch: true,
    hasGroups: false,
    sql: { where: 'EXISTS' },
    decided: ({ tooHigh }) => `as soon as a match is there; absence as soon as ${tooHigh}, or has ended`,
  },
  anti: {
    dropsWithMatch: true,
    dropsWithoutMatch: false,
    hasGroups: false,
    sql: { where: 'NOT EXISTS' },
    decided: ({ parent, tooHigh }) =>
      `as soon as a match is there, which drops the ${parent}; absence as soon as ${tooHigh}, or has ended`,
  },
} as const satisfies Record<string, KindRow>;

/**
 * What a parent element needs: a match (inner, semi), no match (anti), or nothing (left). Inner and left edges pass a
 * group to the process function; semi and anti edges only select.
 */
export type JoinKind = keyof typeof kinds;

/** The kinds that only select: they add no parameter to the process function. */
export type SelectingKind = {
  [K in JoinKind]: (typeof kinds)[K]['hasGroups'] extends true ? never : K;
}[JoinKind];

export const joinKinds = Object.freeze(Object.keys(kinds)) as readonly JoinKind[];

/** The definition of a kind. */
export function kindRow(kind: JoinKind): KindRow {
  return kinds[kind];
}

/** Returns whether an edge of this kind drops parent elements at all. */
export function mayDrop({ dropsWithMatch, dropsWithoutMatch }: KindRow): boolean {
  return dropsWithMatch || dropsWithoutMatch;
}

export function hasGroups(kind: JoinKind): boolean {
  return kinds[kind].hasGroups;
}
