import type { Key } from '../expressions/key.js';

/**
 * A parameter of this type receives the borders of the window in the call, as keys of the window's expression:
 *
 * - `window`: both are the key that its elements share;
 * - tumbling, hopping: start (included) and end (not included);
 * - sliding: the last element's key minus the size, and that key, both included;
 * - session: the keys of its first and of its last element.
 *
 * Count and batch windows have no borders. For Date keys both are Dates.
 *
 * @example processFunction(hourly, { inject: [WindowBounds] }, (flights, bounds) => bounds.start)
 */
export class WindowBounds {
  constructor(
    readonly start: Key,
    readonly end: Key,
  ) {}
}
