import { sharedClass } from '../base/copies.js';
/**
 * The groups of one edge, as a process function receives them: for each parent element in the call the array of its
 * matching child elements, in stream order. A parameter of this type stands for one inner or left edge, depth first; semi
 * and anti edges, and those below them, have none.
 *
 * The map has an entry for every parent element of the call; under a left join an element without a match has an
 * empty array. The map and its arrays are the call's own: it may keep, sort, empty or extend them, and no other call sees it.
 * The elements in them are shared with other calls.
 *
 * @example
 * measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>) {
 *   for (const there of next.of(here)) …
 * }
 */
@sharedClass('Joined')
export class Joined<P, C> extends Map<P, C[]> {
  /** The child elements that match this parent element; empty where there are none. */
  of(parent: P): C[] {
    return this.get(parent) ?? [];
  }

  /** The first child element that matches, or undefined where there is none. */
  first(parent: P): C | undefined {
    return this.get(parent)?.[0];
  }
}
