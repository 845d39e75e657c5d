import type { ClosedByEnd } from '../../resume/lane-vector.js';
import { compareToPlace, type Place, placeFromJson } from '../../resume/place.js';

/** The windows that the end of a lane had closed before it continued. */
export class ClosedWindows {
  /** The last of these windows. */
  private readonly last: Place;
  /** The master element taken last before the end. */
  private readonly taken: Place;

  constructor({ window, taken }: ClosedByEnd) {
    this.last = placeFromJson(window);
    this.taken = placeFromJson(taken);
  }

  /** Returns whether a window is one of them, by its identity. */
  has(idKey: any, idPosition: number): boolean {
    return compareToPlace(idKey, idPosition, this.last) <= 0;
  }

  /** Returns whether an element came after the end: it is in none of these windows. */
  isAfter(orderKey: any, position: number): boolean {
    return compareToPlace(orderKey, position, this.taken) > 0;
  }
}
