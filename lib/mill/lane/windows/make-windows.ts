import type { WindowDescription } from '../../../joins/window.js';
import { batch } from './batch.js';
import type { WindowSlot } from './called-window.js';
import { count } from './count.js';
import { expression } from './expression.js';
import { hopping } from './hopping.js';
import { session } from './session.js';
import { sliding } from './sliding.js';
import type { Windows } from './windows.js';

/** The windows of a description. `keepsRows`: a call needs the groups of its elements. */
export function makeWindows(description: WindowDescription, keepsRows: boolean, slot: WindowSlot): Windows {
  switch (description.type) {
    case 'expression':
      return expression(keepsRows, slot);
    case 'session':
      return session(description.gap, keepsRows, slot);
    case 'hopping':
      return hopping(description, keepsRows, slot);
    case 'sliding':
      return sliding(description.size, keepsRows, slot);
    case 'count':
      return count(description.size, description.every, keepsRows, slot);
    case 'batch':
      return batch(description.size, keepsRows, slot);
  }
}
