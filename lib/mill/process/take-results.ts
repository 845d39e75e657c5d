import type { MessageClass } from '../../base/class.js';
import { exactTest } from '../../base/instance-tests.js';
import { isIteratorResult } from '../../base/iterator-result.js';
import { declarations } from '../../messages/declarations.js';
import { EndOfStream } from '../../messages/end-of-stream.js';
import { afterEnd, type EmittingProcess, noIterator, noResult, type ResultPlace } from './no-result.js';

/** Receives the results of a call, in order. */
export interface ResultSink {
  /** Emits one element to an output, by its index in the plan's outputs. */
  emit(output: number, element: object): void;
}

/**
 * Passes the elements in the return value of a call to a sink. Returns whether the process ended the stream:
 * immediately, or as a promise if a promise or an async generator was returned. Throws, or rejects with, the error of a
 * generator or a promise, and `WM_RESULT` for a value that is not a result of this process; earlier results have been
 * emitted by then. Its error names `method`, by default that of the process.
 */
export type TakeResults = (returned: unknown, sink: ResultSink, method?: string) => boolean | Promise<boolean>;

/**
 * Makes the `TakeResults` of one process, which reads elements of some classes. `given`: the beginning of its errors.
 */
export function resultTaker(
  process: EmittingProcess,
  reads: readonly MessageClass<any>[] = [],
  given = (method: string): string => `${method} returned`,
): TakeResults {
  const made = (method: string): ResultTaker => new ResultTaker({ process, reads, method, given: given(method) });
  const ofProcess = made(process.name);
  const others = new Map<string, ResultTaker>();
  const takerOf = (method: string): ResultTaker => {
    const taker = others.get(method) ?? made(method);
    others.set(method, taker);
    return taker;
  };
  return (returned, sink, method = process.name) =>
    (method === process.name ? ofProcess : takerOf(method)).take(returned, sink);
}

/** Takes the results of one method. */
export class ResultTaker {
  private readonly outputs = new Map<object, number>();
  // Nearly all calls return elements of one class: one comparison instead of a lookup.
  private lastPrototype: object | null = null;
  private lastOutput = -1;

  /** Only if just one class is emitted. */
  private readonly isResult: ((value: unknown) => boolean) | undefined;

  constructor(private readonly place: ResultPlace) {
    const { process } = place;
    if (process.emits.length === 1) this.isResult = exactTest(process.emits[0]!);
    process.emits.forEach((message, i) => void this.outputs.set(message.prototype, i));
  }

  take(returned: any, sink: ResultSink): boolean | Promise<boolean> {
    if (returned === undefined || returned === null) return false;
    if (typeof returned !== 'object') throw noResult(this.place, returned);
    const output = this.outputOf(returned);
    if (output >= 0) {
      sink.emit(output, returned);
      return false;
    }
    if (returned instanceof EndOfStream) return true;
    if (Array.isArray(returned)) return this.takeArray(returned, sink);
    if (typeof returned.then === 'function') return this.takePromise(returned, sink);
    if (typeof returned[Symbol.asyncIterator] === 'function')
      return this.takeAsync(this.iteratorOf(returned, Symbol.asyncIterator), sink);
    if (typeof returned[Symbol.iterator] === 'function')
      return this.takeIterator(this.iteratorOf(returned, Symbol.iterator), sink);
    // A bare iterator, whose steps may be promises: awaiting works for both.
    if (typeof returned.next === 'function') return this.takeAsync(returned, sink);
    throw noResult(this.place, returned);
  }

  private takeArray(elements: readonly unknown[], sink: ResultSink): boolean {
    for (let i = 0; i < elements.length; i++) {
      if (!this.takeOne(elements[i], sink)) continue;
      if (i === elements.length - 1) return true;
      throw afterEnd(this.place, elements.length - 1 - i);
    }
    return false;
  }

  private async takePromise(promise: PromiseLike<unknown>, sink: ResultSink): Promise<boolean> {
    return this.take(await promise, sink);
  }

  private takeIterator(iterator: Iterator<unknown, unknown>, sink: ResultSink): boolean {
    let isOpen = false;
    try {
      for (;;) {
        // An iterator that throws counts as closed, as in for-of.
        isOpen = false;
        const step = this.stepOf(iterator.next());
        isOpen = !step.done;
        const ended = this.takeOne(step.value, sink);
        if (ended || !isOpen) return ended;
      }
    } finally {
      if (isOpen) iterator.return?.();
    }
  }

  private async takeAsync(iterator: AsyncIterator<unknown, unknown>, sink: ResultSink): Promise<boolean> {
    let isOpen = false;
    try {
      for (;;) {
        isOpen = false;
        const step = this.stepOf(await iterator.next());
        isOpen = !step.done;
        const ended = this.takeOne(step.value, sink);
        if (ended || !isOpen) return ended;
      }
    } finally {
      if (isOpen) await iterator.return?.();
    }
  }

  private iteratorOf(returned: any, method: symbol): any {
    const iterator = returned[method]();
    if (typeof iterator?.next === 'function') return iterator;
    throw noIterator(this.place, `[${method.description}]()`, iterator, 'an object with a method next()');
  }

  private stepOf(step: unknown): IteratorResult<unknown, unknown> {
    if (isIteratorResult(step)) return step;
    throw noIterator(this.place, 'next()', step, '{ value, done }');
  }

  /**
   * Takes one element of an array or a generator, including the return value of a generator. Returns whether it is
   * EndOfStream.
   */
  private takeOne(element: unknown, sink: ResultSink): boolean {
    if (element === undefined || element === null) return false;
    if (typeof element !== 'object') throw noResult(this.place, element);
    const output = this.outputOf(element);
    if (output >= 0) {
      sink.emit(output, element);
      return false;
    }
    if (element instanceof EndOfStream) return true;
    throw noResult(this.place, element);
  }

  /**
   * The output of the element's class, or of the nearest class that it extends; -1 if none is emitted. A class with its
   * own `@Message` has its own stream, and may have fields that its base classes do not write.
   */
  private outputOf(element: object): number {
    if (this.isResult?.(element)) return 0;
    const prototype = Object.getPrototypeOf(element);
    if (prototype === this.lastPrototype) return this.lastOutput;
    const output = this.nearestOutput(prototype);
    if (output >= 0) {
      this.lastPrototype = prototype;
      this.lastOutput = output;
    }
    return output;
  }

  private nearestOutput(prototype: object | null): number {
    for (let at = prototype; at !== null; at = Object.getPrototypeOf(at)) {
      const output = this.outputAt(at);
      if (output === undefined) {
        if (declarations.messages.has(at.constructor)) break;
        continue;
      }
      if (prototype !== null) this.outputs.set(prototype, output);
      return output;
    }
    return -1;
  }

  /** The output of exactly the class with this prototype. */
  protected outputAt(prototype: object): number | undefined {
    return this.outputs.get(prototype);
  }
}
