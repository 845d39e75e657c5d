import { isIteratorResult } from '../../base/iterator-result.js';
import { shownValue } from '../../base/shown-value.js';
import { makeSnapshots } from '../../messages/index.js';

/** The values for one reader, available without waiting. */
export interface ValueSource {
  /**
   * Returns `count` values from an index on; fewer if there are no more, because the source has ended or because of
   * `failure`.
   */
  slice(from: number, count: number): readonly unknown[];
  readonly failure?: { readonly cause: unknown };
  close?(): void;
}

/** The remaining values of an iterator, taken on demand, each once, in order. */
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
      // A generator may yield the same object repeatedly: each value counts as it was when it was yielded.
      if (this.next++ >= from) values.push(this.snapshot(taken.value));
    }
    return values;
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    this.iterator.return?.();
  }

  private take(): IteratorResult<unknown> | undefined {
    try {
      const taken = this.iterator.next();
      if (!isIteratorResult(taken)) {
        throw new TypeError(`its next() returned ${shownValue(taken)}, expected { value, done }`);
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

/** Keeps the values of an iterator that cannot start over, for several readers. */
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
