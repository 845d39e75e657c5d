import type { Class } from '../base/class.js';
import { sharedClass } from '../base/loaded-copies.js';
import { namesakeAdvice } from '../base/namesake.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { declarations } from '../messages/declarations.js';

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
   * @throws WaterMillError `WM_JOINED` for what is not an element of the parent stream: undefined, a class, the array of a
   * window, a copy of an element as a plain object, an element of another class.
   */
  of(parent: P): C[] {
    return this.get(parent) ?? noGroup(this, parent, 'of');
  }

  /** The first child element that matches, or undefined if there is none. Throws like `of`. */
  first(parent: P): C | undefined {
    return (this.get(parent) ?? noGroup(this, parent, 'first'))[0];
  }
}

/**
 * An element of the parent class that is not a parent in this call has no group. A value that cannot be a parent at all
 * is a mistake that would otherwise go unnoticed.
 */
function noGroup<P, C>(joined: Joined<P, C>, parent: unknown, method: 'of' | 'first'): C[] {
  const [one] = joined.keys();
  const parents = messageClassOf(one);
  const fix = fixFor(parent, parents, method);
  if (fix === undefined) return [];
  const found = shownValue(parent);
  const stream = parents === undefined ? 'the parent stream' : `the parent stream, ${parents.name}`;
  throw new WaterMillError(
    'WM_JOINED',
    `Joined.${method}(): expected an element of ${stream}, found ${found}. ${fix}`,
    { expected: `an element of ${stream}`, found },
  );
}

/** What to do instead, or undefined if it can be a parent. `parents`: the class of parents, if known. */
function fixFor(parent: unknown, parents: Class | undefined, method: 'of' | 'first'): string | undefined {
  if (parent === undefined || parent === null) return 'An element of a left join may be missing: check for that first.';
  if (Array.isArray(parent)) return `Ask for each of them: elements.map((element) => joined.${method}(element)).`;
  if (typeof parent === 'function') return 'Give the element itself.';
  if (parents === undefined || parent instanceof parents) return undefined;
  const given = messageClassOf(parent);
  if (given === undefined) return 'A copy has no group: give the element that the call got.';
  const namesake = namesakeAdvice(given, [parents]);
  return namesake === undefined ? `Give an element of ${parents.name}.` : `${namesake}.`;
}

/** The message class of an element: its own class may be one that extends it. */
function messageClassOf(element: unknown): Class | undefined {
  if (typeof element !== 'object') return undefined;
  for (let at: object | null = element; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'constructor') && declarations.messages.has(at.constructor)) return at.constructor as Class;
  }
  return undefined;
}
