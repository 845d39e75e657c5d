import type { MessageClass } from '../../base/class.js';
import type { EndOfStream } from '../../messages/end-of-stream.js';
import type { IsUnion } from '../../messages/init.js';

type One<E> = E | EndOfStream | null | undefined | void;

/**
 * What a process function may return: an element, an array of them, nothing, a promise of these, or a generator (sync
 * or async) of elements. `null` and `undefined` mean no result wherever an element is allowed. `EndOfStream`, returned
 * or as the last element, ends the mill: the results before it are written, and no further call is made.
 */
export type Results<E> =
  | One<E>
  | readonly One<E>[]
  | Promise<One<E> | readonly One<E>[]>
  | Iterator<One<E>, unknown, any>
  | AsyncIterator<One<E>, unknown, any>;

/** The return type of a process that emits these classes; if there are none, the compiler's error for any result. */
export type Emitted<E extends readonly MessageClass<any>[]> = E extends readonly []
  ? 'WaterMill: emits is missing: list the classes of the results, { emits: [RobotSpeed] }'
  : InstanceType<E[number]>;

/**
 * `unknown` if a method may return `R`; otherwise the problem. `E`: the classes that it emits, undefined if not
 * declared.
 */
export type ResultProblem<E, R> = unknown extends R
  ? unknown
  : E extends readonly MessageClass<any>[]
    ? [R] extends [Results<InstanceType<E[number]>>]
      ? unknown
      : 'WaterMill: the method returns what emits does not list'
    : [R] extends [null | undefined | void]
      ? unknown
      : IsSeveral<R> extends true
        ? 'WaterMill: emits is missing: metadata shows one message class or void; list the classes, { emits: [RobotSpeed] }, or [] for none'
        : unknown;

/** Whether metadata cannot represent the type: a union, an array, a promise, a generator. */
type IsSeveral<R> =
  IsUnion<R> extends true
    ? true
    : R extends PromiseLike<unknown> | Iterable<unknown> | AsyncIterable<unknown>
      ? true
      : false;
