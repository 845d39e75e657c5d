import { numberFinitesOf, numberStringsOf } from '../../../expressions/read-alike.js';
import type { KeyTrack } from '../input/key-track.js';
import type { OnKeys } from '../tree/on-keys.js';
import { keysAhead } from './key-column.js';
import { loopFor, OnColumn } from './on-column.js';

/** The number of an element with a null among its `on` values, which equals nothing. */
export const noNumber = -1;

/** With fewer values it does not pay to look which of them are still needed. */
const fewValues = 64;

/** What a child holds of its `on` values. */
export interface HeldValues {
  /** How many elements. */
  readonly held: number;
  /** Whether there is one of the value with this number. */
  isHeld(number: number): boolean;
}

/**
 * The `on` values of a child, each with a small number: the child keeps the elements of a value in arrays, at that number. A value
 * is looked up once, while it is read ahead. Where nothing is held of a value any longer, its number is given to another one later.
 */
export class NumberedOnColumn extends OnColumn {
  /** By the element's place in the stretch. */
  readonly numbers = new Int32Array(keysAhead);
  private readonly known = new Map<unknown, number>();
  /** Numbers that no value has any longer. */
  private readonly free: number[] = [];
  private next = 0;

  constructor(
    keys: OnKeys,
    private readonly child: HeldValues,
  ) {
    super(keys);
  }

  /** The number of a value; undefined if nothing can be held of it. */
  find(value: unknown): number | undefined {
    return this.known.get(value);
  }

  override begin(element: object): KeyTrack | undefined {
    if (this.known.size > 1.5 * this.child.held + fewValues) this.sweep();
    return super.begin(element);
  }

  protected override keep(at: number): void {
    const { value } = this.keys;
    this.numbers[at] = this.known.get(value) ?? this.add(value);
  }

  protected override readAlike(elements: readonly object[], from: number, to: number, at: number): number {
    const { only } = this.keys;
    if (only === undefined) return from;
    const read = loopFor(only, numberFinitesOf, numberStringsOf);
    return read === undefined ? from : read(elements, from, to, this.numbers, at, this.known, this.add);
  }

  private readonly add = (value: unknown): number => {
    if (value === undefined) return noNumber;
    const number = this.free.pop() ?? this.next++;
    this.known.set(value, number);
    return number;
  };

  /** Between two stretches: no number of the one before is needed. */
  private sweep(): void {
    const { known, free } = this;
    for (const [value, number] of known) {
      if (this.child.isHeld(number)) continue;
      known.delete(value);
      free.push(number);
    }
  }
}
