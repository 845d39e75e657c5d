import { compareKeys } from '../../expressions/key.js';

/** A place in a node's order: by key and position under slack, else by position alone. */
export interface Place {
  readonly key: any;
  readonly position: number;
}

export function comparePlaces(a: Place, b: Place): number {
  const byKey = compareKeys(a.key, b.key);
  return byKey !== 0 ? byKey : a.position - b.position;
}
