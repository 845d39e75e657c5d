import type { Class } from '../base/class.js';
import type { FoldedWindow } from './folded-window.js';
import type { SelectingKind } from './join-kind.js';
import type { Joined } from './joined.js';
import type { Join, Tree } from './tree.js';
import type { Window } from './windows/window.js';

/** The source of a process function: a join tree, a window over one stream, a folded window, or a message class. */
export type Source = Tree<any> | Window<any> | FoldedWindow<any> | Class;

/**
 * One `Joined` per edge that has groups, depth first; none for semi and anti edges and the edges below them. The
 * number of edges from an array is not known: their `Joined` are rest parameters of one type.
 */
export type JoinArgs<P, J extends readonly unknown[]> = J extends readonly [
  Join<any, infer R, infer K, infer S>,
  ...infer Rest,
]
  ? [...([K] extends [SelectingKind] ? [] : [joined: Joined<P, R>, ...JoinArgs<R, S>]), ...JoinArgs<P, Rest>]
  : J extends readonly []
    ? []
    : J extends readonly Join<any, infer R, infer K, infer S>[]
      ? [K] extends [SelectingKind]
        ? []
        : S extends readonly []
          ? Joined<P, R>[]
          : Joined<any, any>[]
      : [];

/**
 * The parameters that a process function gets from its source: the master element, or a window of them, then the
 * groups; for a folded window, its accumulator.
 */
export type SourceArgs<T> =
  T extends FoldedWindow<infer A, any>
    ? [folded: A]
    : T extends Tree<infer M, infer J, infer W>
      ? [master: W extends false ? M : M[], ...JoinArgs<M, J>]
      : T extends Window<infer M>
        ? [master: M[]]
        : T extends Class<infer M>
          ? [master: M]
          : never;
