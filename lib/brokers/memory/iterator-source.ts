import { shownValue } from '../../base/shown-value.js';
import { makeSnapshots } from '../../messages/index.js';
import type { ValueSource } from './value-source.js';

/** What is left of an iterator; taken as it is asked for, each value once, in order. */
export class IteratorSource implements ValueSource {
  failure: { readonly cause: unknown } | undefined;
  private next = 0;
  private done = false;
  private readonly snapshot = makeSnapshots();

  constructor(private readonly iterator: Iterator<unknown>) {}

  slice(from: number, count: number): readonly unknown[] {
    const values: unknown[] = [];
    while (!this.done && this.next < from + count) {
      const taken = this.take();
      if (taken === undefined || taken.done) break;
      // A generator may give one object again and again: each value counts as it was when it came.
      if (this.next++ >= from) values.push(this.snapshot(taken.value));
    }
    return values;
  }

  close(): void {
    if (!this.done) this.iterator.return?.();
    this.done = true;
  }

  private take(): IteratorResult<unknown> | undefined {
    try {
      const taken = this.iterator.next();
      // What is not an object would say forever that more is to come.
      if (typeof taken !== 'object' || taken === null) {
        throw new TypeError(`its next() gave ${shownValue(taken)}, expected { value, done }`);
      }
      this.done = Boolean(taken.done);
      return taken;
    } catch (cause) {
      this.done = true;
      this.failure = { cause };
      return undefined;
    }
  }
}

/** An iterator that cannot begin again, for several readers: what was taken of it is kept. */
export class KeptSource implements ValueSource {
  private readonly kept: unknown[] = [];
  private readonly rest: IteratorSource;

  constructor(iterator: Iterator<unknown>) {
    this.rest = new IteratorSource(iterator);
  }

  get failure(): { readonly cause: unknown } | undefined {
    return this.rest.failure;
  }

  slice(from: number, count: number): readonly unknown[] {
    const missing = from + count - this.kept.length;
    if (missing > 0) for (const value of this.rest.slice(this.kept.length, missing)) this.kept.push(value);
    return this.kept.slice(from, from + count);
  }
}
