import type { Class } from '../base/class.js';
import type { FoldedWindow } from './folded-window.js';
import type { SelectingKind } from './join-kind.js';
import type { Joined } from './joined.js';
import type { Join, Tree } from './tree.js';
import type { Window } from './window.js';

/** What a process function works on: a join tree, a window over one stream, one that is folded, or the stream of a message class. */
export type Source = Tree<any> | Window<any> | FoldedWindow<any> | Class;

/**
 * One `Joined` per edge that gives groups, depth first; nothing for semi and anti edges and what is below them. Of edges from an
 * array the number is not known: their `Joined` are a rest of one type.
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
 * The parameters that a source gives to its process function: the master element, or a window of them; then the groups. Of
 * a folded window its accumulator.
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
