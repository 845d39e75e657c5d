import type { IsAny } from '../messages/init.js';
import type { Joined } from './joined.js';
import type { WindowBounds } from './window-bounds.js';

/** The compiler's error if a method's parameters are not those of its source. */
export interface ParametersDoNotFitTheJoinTree<Why, Expected> {
  'WaterMill: the parameters do not fit the join tree': Why;
  expected: Expected;
}

/**
 * `unknown` if a method with parameters `P` accepts the parameters of its source, `A`, and `WindowBounds` of type `B`.
 * Otherwise the problem.
 */
export type ParameterProblem<A extends readonly unknown[], B, P extends readonly unknown[]> =
  Fits<A, P> extends true
    ? BoundsFit<B, P> extends true
      ? unknown
      : ParametersDoNotFitTheJoinTree<BoundsProblem<B>, B>
    : ParametersDoNotFitTheJoinTree<Problem<A, P>, A>;

/** Whether a function with parameters `P` accepts the parameters of a source (`A`), and has no further `Joined`. */
type Fits<A extends readonly unknown[], P extends readonly unknown[]> = ((...args: P) => void) extends (
  ...args: [...A, ...any[]]
) => void
  ? OnlyJoined<P>['length'] extends OnlyJoined<A>['length']
    ? true
    : false
  : false;

/** One entry for each parameter that is a `Joined`: a missing edge shows in their number. */
type OnlyJoined<P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? [...(IsJoined<First> extends true ? [1] : []), ...OnlyJoined<Rest>]
  : P extends readonly []
    ? []
    : 1[];

type IsJoined<X> = unknown extends X ? false : [X] extends [Joined<any, any>] ? true : false;

type Problem<A extends readonly unknown[], P extends readonly unknown[]> = P extends readonly []
  ? 'there are no parameters; the first one must be the master'
  : MasterFits<A, P> extends false
    ? A[0] extends readonly unknown[]
      ? 'the first parameter must be an array of the master, since it has a window'
      : P[0] extends readonly unknown[]
        ? 'the first parameter must be the master alone, not an array: it has no window'
        : 'the first parameter must be the master'
    : OnlyJoined<P>['length'] extends OnlyJoined<A>['length']
      ? AllJoined<FirstOf<P, A>> extends true
        ? 'a Joined has other types than its edge, or is in another place'
        : 'each Joined must be directly after the master, and injected parameters after them'
      : OnlyJoined<P> extends readonly [...OnlyJoined<A>, ...unknown[]]
        ? 'there is a Joined without an edge; semi and anti edges have none'
        : 'a Joined is missing: there must be one for each inner or left edge';

type MasterFits<A extends readonly unknown[], P extends readonly unknown[]> = [A[0]] extends [P[0]] ? true : false;
/** As many parameters of `P` as `A` has, without the master. */
type FirstOf<P extends readonly unknown[], A extends readonly unknown[]> = A extends readonly [unknown, ...infer Joins]
  ? P extends readonly [unknown, ...infer Rest]
    ? { [I in keyof Joins]: I extends keyof Rest ? Rest[I] : never }
    : []
  : [];
type AllJoined<X extends readonly unknown[]> = X extends readonly [infer First, ...infer Rest]
  ? IsJoined<First> extends true
    ? AllJoined<Rest>
    : false
  : true;

type BoundsFit<B, P extends readonly unknown[]> = P extends readonly [infer First, ...infer Rest]
  ? IsAny<First> extends true
    ? BoundsFit<B, Rest>
    : [First] extends [WindowBounds<any>]
      ? [B] extends [First]
        ? BoundsFit<B, Rest>
        : false
      : BoundsFit<B, Rest>
  : true;
type BoundsProblem<B> = B extends WindowBounds<any> ? "WindowBounds must be of the type of the window's key" : B;
