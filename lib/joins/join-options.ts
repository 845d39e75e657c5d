import type { KeyOf } from '../expressions/expression.js';
import type { Key } from '../expressions/key.js';
import type { JoinKind } from './join-kind.js';
import type { MatchingOptions } from './matching/ways.js';

/** An equality of `on`: a key of the parent and a key of the child, of one type. */
export type Equality<L, R> = {
  [S in keyof ScalarsByName]: readonly [left: KeyOf<L, ScalarsByName[S]>, right: KeyOf<R, ScalarsByName[S]>];
}[keyof ScalarsByName];

interface ScalarsByName {
  number: number;
  bigint: bigint;
  string: string;
  boolean: boolean;
  Date: Date;
}

/** What an edge matches: its keys, and how they are compared. */
export type JoinOptions<L, R, V extends Key, K extends JoinKind> = {
  /** The key of the parent element: an expression over its class, or a function. Must never decrease. */
  left: KeyOf<L, V>;
  /** The key of the child element, of the same type. Must never decrease. */
  right: KeyOf<R, V>;
  /** What a parent element needs: a match (`inner`, the default; `semi`), none (`anti`), nothing (`left`). */
  kind?: K;
  /** Further equalities, whose keys need no order. With as-of they need a tolerance. */
  on?: readonly Equality<L, R>[];
} & MatchingOptions<V>;
