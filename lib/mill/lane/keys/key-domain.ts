import { isDate } from '../../../base/date.js';
import { comparable, keyType } from '../../../expressions/key.js';
import type { KeyUnit } from '../../../joins/matching/matching.js';

/**
 * `order`: below the previous key. `invalid`: missing, null, NaN, … `type`: not comparable with the previous keys.
 * `unit`: distances of this type cannot be added to the key. `distance`: adding the distance changes nothing, or goes
 * out of range.
 */
export type KeyProblem = 'order' | 'invalid' | 'type' | 'unit' | 'distance';

/**
 * The common type of keys that are compared with each other, on both sides of an edge. The first accepted key sets it.
 */
export class KeyDomain {
  /** The first accepted key. */
  sample: unknown = undefined;
  /** The type of the distance that is added to the keys, if any. */
  unit: KeyUnit | undefined = undefined;

  /** Returns why a value is not a key, or cannot be compared with the previous keys; undefined if it can. */
  problemOf(key: unknown): KeyProblem | undefined {
    const { sample } = this;
    const type = typeof key;
    // Every value of these types is a key, and two values of one type can be compared.
    if (type === typeof sample && (type === 'string' || type === 'bigint' || type === 'boolean')) return undefined;
    if (keyType(key) === undefined) return 'invalid';
    if (sample === undefined) return this.fits(key) ? undefined : 'unit';
    return comparable(key, sample) ? undefined : 'type';
  }

  /** Returns whether a distance of the unit's type can be added to a valid key. */
  private fits(key: unknown): boolean {
    const { unit } = this;
    return unit === undefined || typeof key === unit || (unit !== 'bigint' && isDate(key));
  }

  /** The keys are Dates: the lane compares their milliseconds. */
  get isDate(): boolean {
    return typeof this.sample === 'object' && isDate(this.sample);
  }

  get isNumber(): boolean {
    return typeof this.sample === 'number';
  }

  /** The first key as the lane represents it; `-Infinity` if there is none yet. */
  get first(): any {
    const { sample } = this;
    if (sample === undefined) return Number.NEGATIVE_INFINITY;
    return isDate(sample) ? sample.getTime() : sample;
  }
}
