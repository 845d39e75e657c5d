import { safely } from '../../base/shown-value.js';
import { type Changed, changeIn, type Kept } from './changed-result.js';
import type { EarlierResults } from './earlier-results.js';

/**
 * Keeps the results of the last call, to detect changes after the call: results were already written, so such changes
 * are lost. The next call may reuse the objects.
 */
export class KeptResults {
  changed: Changed | undefined;
  private readonly elements = new Map<object, Kept>();
  private array: { readonly array: readonly unknown[]; readonly copy: readonly unknown[] } | undefined;

  /** `earlier`: also checks results of earlier calls. */
  constructor(private readonly earlier?: EarlierResults) {}

  /** Starts another call. */
  nextCall(): void {
    this.check();
    this.earlier?.callEnded(this.elements);
    this.elements.clear();
    this.array = undefined;
  }

  /** Checks the last call: there will be no more. */
  finish(): void {
    this.nextCall();
    this.changed ??= this.earlier?.changed;
  }

  /** Keeps the value that a call returned, or that its promise resolved to. */
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
