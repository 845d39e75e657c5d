import { isDate } from '../../../base/date.js';
import { comparable, keyType } from '../../../expressions/key.js';
import type { KeyUnit } from '../../../joins/matching/matching.js';

/**
 * `order`: below the one before. `invalid`: missing, null, NaN, … `type`: not comparable with the one before. `unit`:
 * nothing can be added to it, or not this. `distance`: adding the distance changes nothing, or goes out of range.
 */
export type KeyProblem = 'order' | 'invalid' | 'type' | 'unit' | 'distance';

/** The type that keys which are compared with each other have, on both sides of an edge: set by the first key that is accepted. */
export class KeyDomain {
  /** The first key that was accepted. */
  sample: unknown = undefined;
  /** The distance that is added to its keys, if any. */
  unit: KeyUnit | undefined = undefined;

  /** Why this is not a key, or cannot be compared with those before it. */
  problemOf(key: unknown): KeyProblem | undefined {
    const { sample } = this;
    const type = typeof key;
    // Of these types every value is a key, and two of one type can be compared.
    if (type === typeof sample && (type === 'string' || type === 'bigint' || type === 'boolean')) return undefined;
    if (keyType(key) === undefined) return 'invalid';
    if (sample === undefined) return this.fits(key) ? undefined : 'unit';
    return comparable(key, sample) ? undefined : 'type';
  }

  /** Whether a valid key can be moved as its unit says. */
  private fits(key: unknown): boolean {
    const { unit } = this;
    return unit === undefined || typeof key === unit || (unit !== 'bigint' && isDate(key));
  }

  /** Dates count by their milliseconds. */
  get isDate(): boolean {
    return isDate(this.sample);
  }

  get isNumber(): boolean {
    return typeof this.sample === 'number';
  }

  /** The first key, as the lane has it; `-Infinity` before there is one. */
  get first(): any {
    const { sample } = this;
    if (sample === undefined) return Number.NEGATIVE_INFINITY;
    return isDate(sample) ? sample.getTime() : sample;
  }
}
