import { safely } from '../../base/shown-value.js';
import { type Changed, changeIn, type Kept } from './changed-result.js';
import type { EarlierResults } from './earlier-results.js';

/**
 * What the last call gave, to see whether it is changed once the call is over: it is written as it was, so that the change
 * is lost. The next call may use the same object again.
 */
export class KeptResults {
  changed: Changed | undefined;
  private readonly elements = new Map<object, Kept>();
  private array: { readonly array: readonly unknown[]; readonly copy: readonly unknown[] } | undefined;

  /** `earlier`: where results of earlier calls are checked as well. */
  constructor(private readonly earlier?: EarlierResults) {}

  /** Another call begins. */
  nextCall(): void {
    this.check();
    this.earlier?.callEnded(this.elements);
    this.elements.clear();
    this.array = undefined;
  }

  /** No call is to come. */
  finish(): void {
    this.nextCall();
    this.changed ??= this.earlier?.changed;
  }

  /** What a call has returned, or its promise given. */
  readonly returned = <T>(value: T): T => {
    if (Array.isArray(value)) {
      this.array = { array: value, copy: value.slice() };
      const known = new Set<unknown>();
      const twice = value.find(
        (each) => typeof each === 'object' && each !== null && known.size === known.add(each).size,
      );
      const text = safely(() => JSON.stringify(twice)) ?? '';
      if (twice !== undefined) this.changed ??= { what: 'same object', before: text, after: text };
    }
    return value;
  };

  took(element: object, taken: string, again: () => string): void {
    this.elements.set(element, { taken, again });
  }

  private check(): void {
    const { array, copy } = this.array ?? { array: [], copy: [] };
    if (array.length !== copy.length || array.some((each, i) => each !== copy[i])) {
      const [before, after] = [`${copy.length} results`, `${array.length}`];
      this.changed ??= { what: 'results added', before, after };
    }
    for (const kept of this.elements.values()) this.changed ??= changeIn(kept, 'result changed');
  }
}
