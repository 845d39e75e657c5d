import { sharedClass } from '../base/loaded-copies.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/**
 * The groups of one edge, as passed to a process function: for each parent element in the call, the array of its
 * matching child elements, in stream order. A parameter of this type belongs to one inner or left edge, depth first;
 * semi and anti edges, and edges below them, have none.
 *
 * The map has an entry for every parent element of the call; under a left join an element without a match has an empty
 * array. The map and its arrays belong to the call: it may keep, sort, empty or extend them without affecting other
 * calls. The elements in them are shared with other calls.
 *
 * @example
 * measure(here: RobotLocation, next: Joined<RobotLocation, NextLocation>) {
 *   for (const there of next.of(here)) …
 * }
 */
@sharedClass('Joined')
export class Joined<P, C> extends Map<P, C[]> {
  /**
   * The child elements that match this parent element; empty if there are none.
   *
   * @throws WaterMillError `WM_JOINED` for what is not an element: undefined, a class, the array of a window.
   */
  of(parent: P): C[] {
    return this.get(parent) ?? noGroup(parent, 'of');
  }

  /** The first child element that matches, or undefined if there is none. Throws like `of`. */
  first(parent: P): C | undefined {
    return (this.get(parent) ?? noGroup<C>(parent, 'first'))[0];
  }
}

/**
 * An element that is not a parent in this call has no group. A value that cannot be a parent at all is a mistake that
 * would otherwise go unnoticed.
 */
function noGroup<C>(parent: unknown, method: 'of' | 'first'): C[] {
  if (parent !== undefined && parent !== null && typeof parent !== 'function' && !Array.isArray(parent)) return [];
  const found = shownValue(parent);
  const fix = Array.isArray(parent)
    ? `Ask for each of them: elements.map((element) => joined.${method}(element)).`
    : parent === undefined || parent === null
      ? 'An element of a left join may be missing: check for that first.'
      : 'Give the element itself.';
  throw new WaterMillError(
    'WM_JOINED',
    `Joined.${method}(): expected an element of the parent stream, found ${found}. ${fix}`,
    { expected: 'an element of the parent stream', found },
  );
}
