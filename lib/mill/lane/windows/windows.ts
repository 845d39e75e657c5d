import type { WindowDescription } from '../../../joins/window.js';
import type { Place, Row } from '../row.js';
import { adjacent } from './adjacent.js';
import { count } from './count.js';
import { hopping } from './hopping.js';
import { sliding } from './sliding.js';

/** The open windows over the surviving master rows. */
export interface Windows {
  /** A surviving row, in order; it may complete a window at once. */
  add(row: Row): WindowCall | undefined;
  /**
   * The next open window that no row with a window key from `floor` on can change: undefined where there is none, or
   * where `floor` is `undefined` (nothing is known). `Infinity`: no more rows will come.
   */
  close(floor: any): WindowCall | undefined;
  /** A poll timeout, with the key that the window's `onTimeout` gave (or nothing). */
  timeout(key: unknown): WindowCall | undefined;
  /** The first row that is still needed. */
  oldest(): Row | undefined;
  /** Rows held in open windows. */
  readonly size: number;
}

export interface WindowCall {
  /** Tells this window from those before and after it, by its first element or its start. */
  readonly id: Place;
  readonly rows: readonly Row[];
  readonly start: any;
  readonly end: any;
}

export function makeWindows(description: WindowDescription, placeOf: (row: Row) => Place): Windows {
  switch (description.type) {
    case 'expression':
      return adjacent(placeOf, 0, true);
    case 'session':
      return adjacent(placeOf, description.gap, false);
    case 'hopping':
      return hopping(description);
    case 'sliding':
      return sliding(placeOf, description.size);
    case 'count':
      return count(placeOf, description.size, description.every, false);
    case 'batch':
      return count(placeOf, description.size, description.size, true);
  }
}
