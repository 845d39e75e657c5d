import type { KeyOf } from '../expressions/expression.js';
import type { Key } from '../expressions/key.js';
import type { JoinKind } from './join-kind.js';

/** How far apart two keys are: a number for numbers, a bigint for bigints, milliseconds for Dates. */
export type Distance<V> = V extends Date ? number : V extends number | bigint ? V : never;

/** A literal type as the type it is of, so that a size is not asked to be the very number that a key gives. */
export type Widen<V> = V extends number
  ? number
  : V extends bigint
    ? bigint
    : V extends string
      ? string
      : V extends boolean
        ? boolean
        : V;

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

/** Of strings, booleans and tuples none is nearer than another. */
type Nearest<V> = [Distance<V>] extends [never] ? never : 'nearest';

/** Equal keys; or an interval; or as-of, with or without a tolerance. */
type MatchingOptions<V> =
  | { within?: undefined; asOf?: undefined; tolerance?: undefined }
  | {
      /** `left + low <= right <= left + high`, both ends included; of Date keys in milliseconds. */
      within: readonly [low: NoInfer<Distance<V>>, high: NoInfer<Distance<V>>];
      asOf?: undefined;
      tolerance?: undefined;
    }
  | {
      /**
       * At most one element: the last at or before the left key (`backward`), the first at or after it (`forward`),
       * the nearest, of two as near the one before (`nearest`).
       */
      asOf: 'backward' | 'forward' | NoInfer<Nearest<V>>;
      /** How far the match may lie away, the end included; of Date keys in milliseconds. Default: any distance. */
      tolerance?: NoInfer<Distance<V>>;
      within?: undefined;
    };

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
