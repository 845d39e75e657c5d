import { compareKeys } from '../../../../expressions/key.js';
import { identityOf } from '../../../../expressions/key-identity.js';
import type { KeyDistance } from '../../../../joins/distance.js';
import { shiftKey } from '../../../../joins/matching/matching.js';
import { type CalledWindow, none } from '../called-window.js';
import type { Run } from '../run.js';
import { WindowBuffer } from '../window-buffer.js';
import type { OldestElement, Windows, WindowsGiven } from '../windows.js';

/** One window per element: the elements of its value from `key - size` up to the element itself, both ends included. */
export class SlidingByValue implements Windows {
  private readonly values = new Map<unknown, SlidingValue>();
  /** The elements of all values, in the order of the lane; each slot has its value. */
  private readonly all: WindowBuffer;
  private readonly back: KeyDistance;

  constructor(
    private readonly given: WindowsGiven,
    size: KeyDistance,
  ) {
    this.all = new WindowBuffer(false, given.slot);
    this.back = -size;
  }

  take(run: Run): CalledWindow {
    const { at } = run;
    const { keepsRows, slot } = this.given;
    const key = run.keys[at];
    const start = shiftKey(key, this.back);
    this.dropBelow(start);
    const value = run.values[at];
    const id = identityOf(value);
    let own = this.values.get(id);
    if (own === undefined) {
      own = { id, held: new WindowBuffer(keepsRows, slot) };
      this.values.set(id, own);
    }
    own.held.push(run, at, run.elementAt(at));
    this.all.push(run, at, own);
    run.at = at + 1;
    const position = run.positionAt(at);
    return this.folded(own.held.call(start, key, run.orderKeyAt(at), position), value, position);
  }

  /** Folds all elements of a window again: an element that leaves the window cannot be removed from an accumulator. */
  private folded(called: CalledWindow, value: unknown, position: number): CalledWindow {
    const { fold } = this.given;
    if (fold === undefined) return called;
    const { elements, rows } = called;
    let folded = fold.initial(value, position);
    // The elements are held for later windows, which get copies of them.
    for (let i = 0; i < elements.length; i++)
      folded = fold.add(folded, fold.copy(elements[i] as object), rows[i], position);
    called.elements = none;
    called.rows = none;
    called.folded = folded;
    return called;
  }

  private dropBelow(key: any): void {
    const { all, values } = this;
    for (let oldest = all.first; oldest !== undefined && compareKeys(all.firstKey, key) < 0; oldest = all.first) {
      const { id, held } = oldest as SlidingValue;
      all.drop(1);
      held.drop(1);
      if (held.size === 0) values.delete(id);
    }
  }

  close(key: any): undefined {
    this.dropBelow(shiftKey(key, this.back));
  }

  end(): undefined {}

  timeout(): undefined {}

  held(): number {
    return this.all.size;
  }

  uncalled(): number {
    return 0;
  }

  oldest(): OldestElement | undefined {
    return this.all.oldest();
  }
}

/** The elements of one value. */
interface SlidingValue {
  readonly id: unknown;
  readonly held: WindowBuffer;
}
