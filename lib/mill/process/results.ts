import type { EndOfStream } from '../../messages/end-of-stream.js';

type One<E> = E | EndOfStream | null | undefined | void;

/**
 * What a process function may return: an element, an array of them, nothing, a promise of these, or a generator (sync
 * or async) of elements. `null` and `undefined` stand for no result wherever an element may stand. `EndOfStream`,
 * returned or as the last one, ends the mill: what came before it is written, then nothing more is called.
 */
export type Results<E> =
  | One<E>
  | readonly One<E>[]
  | Promise<One<E> | readonly One<E>[]>
  | Iterator<One<E>, unknown, any>
  | AsyncIterator<One<E>, unknown, any>;
