/** What a parent element needs to survive: that there is a match, that there is none, or nothing. */
export type Requirement = 'match' | 'absence' | 'nothing';

/** What a kind of join asks of a parent element's matches, and what becomes of them. Nothing else asks for a kind's name. */
interface KindRow {
  readonly requires: Requirement;
  /** The process function is given the matches; otherwise the edge only selects. */
  readonly givesGroups: boolean;
  /** In SQL: how the child's table is joined, or the condition in its place. */
  readonly sql: { readonly join: string } | { readonly where: string };
  /**
   * The moment in which it is known whether, and what, a parent element matches: never earlier, never later. `complete`
   * and `tooHigh` are clauses: the child has shown the whole group; the child has shown that nothing more can match.
   */
  decided(words: { readonly parent: string; readonly complete: string; readonly tooHigh: string }): string;
}

/** All kinds. To add one, add its row: see docs/how-to-add-a-join-kind.md. */
const kinds = {
  inner: {
    requires: 'match',
    givesGroups: true,
    sql: { join: 'JOIN' },
    decided: ({ complete }) => `as soon as ${complete}, or has ended`,
  },
  left: {
    requires: 'nothing',
    givesGroups: true,
    sql: { join: 'LEFT JOIN' },
    decided: ({ complete }) => `as soon as ${complete}, or has ended; that proves absence as well`,
  },
  semi: {
    requires: 'match',
    givesGroups: false,
    sql: { where: 'EXISTS' },
    decided: ({ tooHigh }) => `as soon as a match is there; absence as soon as ${tooHigh}, or has ended`,
  },
  anti: {
    requires: 'absence',
    givesGroups: false,
    sql: { where: 'NOT EXISTS' },
    decided: ({ parent, tooHigh }) =>
      `as soon as a match is there, which drops the ${parent}; absence as soon as ${tooHigh}, or has ended`,
  },
} as const satisfies Record<string, KindRow>;

/**
 * What an edge asks of a parent element: a match (inner, semi), none (anti), nothing (left). Inner and left edges give
 * the process function a group, semi and anti edges only select.
 */
export type JoinKind = keyof typeof kinds;

/** The kinds that only select: they add no parameter to the process function. */
export type SelectingKind = {
  [K in JoinKind]: (typeof kinds)[K]['givesGroups'] extends true ? never : K;
}[JoinKind];

export const joinKinds = Object.freeze(Object.keys(kinds)) as readonly JoinKind[];

/** What an edge of this kind requires, and what it adds to a call. */
export function kindRow(kind: JoinKind): KindRow {
  return kinds[kind];
}

export function givesGroups(kind: JoinKind): boolean {
  return kinds[kind].givesGroups;
}
