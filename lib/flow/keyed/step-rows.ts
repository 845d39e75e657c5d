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

/** The same of states, each found once for a value: a function may change what it is given of a state. */
export interface StateRows<R, X extends object = any> extends Pick<StepRows<X>, 'size' | 'entries' | 'delete'> {
  rowOf(key: Key): R | undefined;
  stateOf(row: R): X;
  /** `row`: that of the key, where it has one. */
  keepAt(row: R | undefined, key: Key, state: X): void;
  deleteAt(row: R): void;
}
