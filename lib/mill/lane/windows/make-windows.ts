import type { WindowDescription } from '../../../joins/window.js';
import { adjacent } from './adjacent.js';
import { count } from './count.js';
import { hopping } from './hopping.js';
import { sliding } from './sliding.js';
import type { Windows } from './windows.js';

/** The windows of a description. `keepsRows`: a call needs the groups of its elements. */
export function makeWindows(description: WindowDescription, keepsRows: boolean): Windows {
  switch (description.type) {
    case 'expression':
      return adjacent(undefined, keepsRows);
    case 'session':
      return adjacent(description.gap, keepsRows);
    case 'hopping':
      return hopping(description, keepsRows);
    case 'sliding':
      return sliding(description.size, keepsRows);
    case 'count':
      return count(description.size, description.every, false, keepsRows);
    case 'batch':
      return count(description.size, description.size, true, keepsRows);
  }
}
