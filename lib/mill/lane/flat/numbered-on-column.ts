import { numberFinitesOf, numberStringsOf } from '../../../expressions/read-alike.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { OnKeys } from '../keys/on-keys.js';
import { keysAhead } from './key-column.js';
import { loopFor, OnColumn } from './on-column.js';

/** The number of a null, which equals nothing. */
export const noNumber = -1;

/** Numbers are not freed below this count of values. */
const fewValues = 64;

/** The elements that a child holds, by the numbers of their `on` values. */
export interface HeldValues {
  /** The number of elements held. */
  readonly held: number;
  /** Returns whether an element is held whose value has this number. */
  isHeld(number: number): boolean;
}

/**
 * The `on` values of a child, numbered from 0, so that the child can hold their elements in arrays. A value is looked up once,
 * while it is read ahead. When no element with a value is held any longer, its number can be used for another value.
 */
export class NumberedOnColumn extends OnColumn {
  /** By the index of the element in the stretch. */
  readonly numbers = new Int32Array(keysAhead);
  private readonly known = new Map<unknown, number>();
  /** Unused numbers. */
  private readonly free: number[] = [];
  private next = 0;

  constructor(
    keys: OnKeys,
    private readonly child: HeldValues,
  ) {
    super(keys);
  }

  /** Returns the number of a value; undefined if no element with it is held. */
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

  /** Frees the numbers of values without elements. Only between stretches: `numbers` is not in use then. */
  private sweep(): void {
    const { known, free } = this;
    for (const [value, number] of known) {
      if (this.child.isHeld(number)) continue;
      known.delete(value);
      free.push(number);
    }
  }
}
