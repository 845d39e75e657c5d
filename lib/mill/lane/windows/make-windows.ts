import type { WindowDescription } from '../../../joins/window.js';
import { batch } from './batch.js';
import { count } from './count.js';
import { expression } from './expression.js';
import { hopping } from './hopping.js';
import { session } from './session.js';
import { sliding } from './sliding.js';
import type { Windows } from './windows.js';

/** The windows of a description. `keepsRows`: a call needs the groups of its elements. */
export function makeWindows(description: WindowDescription, keepsRows: boolean): Windows {
  switch (description.type) {
    case 'expression':
      return expression(keepsRows);
    case 'session':
      return session(description.gap, keepsRows);
    case 'hopping':
      return hopping(description, keepsRows);
    case 'sliding':
      return sliding(description.size, keepsRows);
    case 'count':
      return count(description.size, description.every, keepsRows);
    case 'batch':
      return batch(description.size, keepsRows);
  }
}
