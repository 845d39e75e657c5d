import type { Class } from '../base/class.js';
import type { Joined } from './joined.js';
import type { Join, Tree } from './tree.js';
import type { Window } from './window.js';

/** What a process function works on: a join tree, a window over one stream, or the stream of a message class. */
export type Source = Tree<any> | Window<any> | Class;

/**
 * One `Joined` per edge that gives groups, depth first; nothing for semi and anti edges and what lies below them. Of edges from an
 * array the number is not known: their `Joined` are a rest of one type.
 */
export type JoinArgs<P, J extends readonly unknown[]> = J extends readonly [
  Join<any, infer R, infer K, infer S>,
  ...infer Rest,
]
  ? [...([K] extends ['semi' | 'anti'] ? [] : [joined: Joined<P, R>, ...JoinArgs<R, S>]), ...JoinArgs<P, Rest>]
  : J extends readonly []
    ? []
    : J extends readonly Join<any, infer R, infer K, infer S>[]
      ? [K] extends ['semi' | 'anti']
        ? []
        : S extends readonly []
          ? Joined<P, R>[]
          : Joined<any, any>[]
      : [];

/** The parameters that a source gives to its process function: the master element, or a window of them; then the groups. */
export type SourceArgs<T> =
  T extends Tree<infer M, infer J, infer W>
    ? [master: W extends true ? M[] : M, ...JoinArgs<M, J>]
    : T extends Window<infer M>
      ? [master: M[]]
      : T extends Class<infer M>
        ? [master: M]
        : never;

/** What the compiler shows where a method's parameters are not those that its tree gives. */
export interface ParametersDoNotFitTheJoinTree<Expected, Actual> {
  'WaterMill: the parameters do not fit the join tree': never;
  expected: Expected;
  actual: Actual;
}

/** One entry for each parameter that is a `Joined`: an edge left out is seen by their number. */
export type OnlyJoined<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? [...([First] extends [Joined<any, any>] ? (unknown extends First ? [] : [1]) : []), ...OnlyJoined<Rest>]
  : P extends readonly []
    ? []
    : 1[];

/** Whether a function with parameters `P` takes what a source gives (`A`), and asks for no `Joined` beyond that. */
export type Fits<A extends readonly unknown[], P extends readonly unknown[]> = ((...args: P) => void) extends (
  ...args: [...A, ...any[]]
) => void
  ? OnlyJoined<P>['length'] extends OnlyJoined<A>['length']
    ? true
    : false
  : false;
