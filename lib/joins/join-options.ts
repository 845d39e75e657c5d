import type { Expression } from '../expressions/expression.js';
import type { JoinKind } from './join-kind.js';
import type { MatchingOptions } from './matching/ways.js';

/** A key before its value type is checked: an expression, or a function of the element. */
type Given<T, V> = Expression<T, V> | ((element: T) => V);

/** The compiler's error for a key that can be something else. */
export interface NeverNullNorAnObject {
  'WaterMill: a key must be a number, bigint, string, boolean or Date, or a tuple of them; never null or undefined': never;
}

/**
 * An equality of `on`: a key of the parent and a key of the child, of the same type. Null and undefined equal nothing.
 */
export type Equality<L, R> = {
  [S in keyof ScalarsByName]: readonly [
    left: Given<L, ScalarsByName[S] | null | undefined>,
    right: Given<R, ScalarsByName[S] | null | undefined>,
  ];
}[keyof ScalarsByName];

interface ScalarsByName {
  number: number;
  bigint: bigint;
  string: string;
  boolean: boolean;
  Date: Date;
}

/**
 * What an edge matches: its keys, and how they are compared. `P` is the parent if the compiler knows it, `C` the child;
 * `L` and `R` are the elements that the keys read, `V` and `W` their values.
 */
export type JoinOptions<P, C, L, R, V, W, K extends JoinKind> = {
  /** The key of the parent element: an expression over its class, or a function. Must never decrease. */
  left: Given<L, V> & LeftKey<P, L>;
  /** The key of the child element, of the same type. Must never decrease. */
  right: Given<R, W> & RightKey<C, R, V, W>;
  /** What a parent element needs: a match (`inner`, the default; `semi`), no match (`anti`), or nothing (`left`). */
  kind?: K;
  /** Further equalities, whose keys need no order. With as-of they require a tolerance. */
  on?: readonly (
    | Equality<NoInfer<L>, NoInfer<R>>
    // The compiler's error for other pairs, and for each key; the name of a type would be shown in its place.
    | [
        'WaterMill: on takes pairs of keys of one type, the first of the parent',
        'WaterMill: on takes pairs of keys of one type, the second of the child',
      ]
  )[];
} & MatchingOptions<V>;

/**
 * The compiler's error for keys that do not fit; `unknown` if they do, and as long as the type of a key's value is not
 * known: the compiler checks once before it infers functions.
 */
type LeftKey<P, L> = unknown extends P
  ? object // `unknown` would be narrowed to P here, and P be inferred from the key.
  : [P] extends [L]
    ? unknown
    : 'WaterMill: the left key must read the parent of the edge';
type RightKey<C, R, V, W> = unknown extends C
  ? Comparable<V, W>
  : [C] extends [R]
    ? Comparable<V, W>
    : 'WaterMill: the right key must read the child of the edge';
type Comparable<V, W> = [V] extends [W]
  ? unknown
  : [W] extends [V]
    ? unknown
    : [KindOf<V>] extends [KindOf<W>]
      ? unknown
      : [KindOf<W>] extends [KindOf<V>]
        ? unknown
        : 'WaterMill: the right key must be of the same type as the left key';

/** Keys of one kind can be compared. */
type KindOf<V> = V extends number
  ? 'number'
  : V extends bigint
    ? 'bigint'
    : V extends string
      ? 'string'
      : V extends boolean
        ? 'boolean'
        : V extends Date
          ? 'Date'
          : { [I in keyof V]: KindOf<V[I]> };
