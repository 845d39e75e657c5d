import type { Key } from '../../expressions/key.js';

/** The state of a step in a table of the lane, by key. */
export interface StepRows<X extends object = any> {
  readonly size: number;
  get(key: Key): X | undefined;
  set(key: Key, element: X): void;
  delete(key: Key): boolean;
  /** In the order of the keys. */
  entries(): readonly (readonly [key: any, element: X])[];
}

/** The same for states, each looked up once per value. A function may change the state that it gets. */
export interface StateRows<R, X extends object = any> extends Pick<StepRows<X>, 'size' | 'entries' | 'delete'> {
  rowOf(key: Key): R | undefined;
  stateOf(row: R): X;
  /**
   * Stores a state. `row` is the row of the key, if it has one. `isFinal`: it is the only change of the call, and nothing
   * that may fail follows, so it is never undone.
   */
  keepAt(row: R | undefined, key: Key, state: X, isFinal: boolean): void;
  deleteAt(row: R): void;
}
