import type { Key } from '../../expressions/key.js';

/** What a step keeps in a table of the lane, by key. */
export interface StepRows<X extends object = any> {
  readonly size: number;
  get(key: Key): X | undefined;
  set(key: Key, element: X): void;
  delete(key: Key): boolean;
  /** In the order of the keys. */
  entries(): readonly (readonly [key: any, element: X])[];
}
