import { safely } from '../../base/shown-value.js';

interface Kept {
  /** As it was taken. */
  readonly taken: string;
  /** As it would be taken now. */
  readonly again: () => string;
}

/** A result that is not what it was when its call gave it. */
export interface Changed {
  readonly what: 'result changed' | 'results added' | 'same object';
  readonly before: string;
  readonly after: string;
}

/**
 * What the last call gave, to see whether it is changed once the call is over: it is written as it was, so that the change
 * is lost. The next call may use the same object again.
 */
export class KeptResults {
  changed: Changed | undefined;
  private readonly elements = new Map<object, Kept>();
  private array: { readonly array: readonly unknown[]; readonly copy: readonly unknown[] } | undefined;

  /** Another call begins. */
  nextCall(): void {
    this.check();
    this.elements.clear();
    this.array = undefined;
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

  check(): void {
    const { array, copy } = this.array ?? { array: [], copy: [] };
    if (array.length !== copy.length || array.some((each, i) => each !== copy[i])) {
      const [before, after] = [`${copy.length} results`, `${array.length}`];
      this.changed ??= { what: 'results added', before, after };
    }
    for (const { taken, again } of this.elements.values()) {
      const after = safely(again) ?? 'something that cannot be written';
      if (after !== taken) this.changed ??= { what: 'result changed', before: taken, after };
    }
  }
}
