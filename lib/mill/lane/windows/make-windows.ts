import type { WindowDescription } from '../../../joins/window.js';
import type { WindowDescriptions } from '../../../joins/windows/window-kinds.js';
import { adding, aligning, type KeyArithmetic } from '../input/key-arithmetic.js';
import { batch } from './batch.js';
import type { WindowSlot } from './called-window.js';
import { count } from './count.js';
import { expression } from './expression.js';
import { hopping } from './hopping.js';
import { session } from './session.js';
import { sliding } from './sliding.js';
import type { Windows } from './windows.js';

/** What runs one kind of window in a lane. */
interface WindowMachine<D> {
  /** What is computed of its key. */
  arithmetic(window: D): readonly KeyArithmetic[];
  /** `keepsRows`: a call needs the groups of its elements. */
  make(window: D, keepsRows: boolean, slot: WindowSlot): Windows;
}

/** By its type what runs each window. */
const machines: { readonly [T in keyof WindowDescriptions]: WindowMachine<WindowDescriptions[T]> } = {
  expression: {
    arithmetic: () => [],
    make: (_, keepsRows, slot) => expression(keepsRows, slot),
  },
  hopping: { arithmetic: aligning, make: hopping },
  sliding: {
    arithmetic: ({ size }) => adding(`the window's size ${size}`, -size, true),
    make: ({ size }, keepsRows, slot) => sliding(size, keepsRows, slot),
  },
  session: {
    arithmetic: ({ gap }) => adding(`the window's gap ${gap}`, gap),
    make: ({ gap }, keepsRows, slot) => session(gap, keepsRows, slot),
  },
  count: {
    arithmetic: () => [],
    make: ({ size, every }, keepsRows, slot) => count(size, every, keepsRows, slot),
  },
  batch: {
    arithmetic: () => [],
    make: ({ size }, keepsRows, slot) => batch(size, keepsRows, slot),
  },
};

function machineOf<D extends WindowDescription>(window: D): WindowMachine<D> {
  return machines[window.type] as WindowMachine<any>;
}

/** What is computed of a window's key. */
export function arithmeticOfWindow(window: WindowDescription): readonly KeyArithmetic[] {
  return machineOf(window).arithmetic(window);
}

/** The windows of a description. `keepsRows`: a call needs the groups of its elements. */
export function makeWindows(window: WindowDescription, keepsRows: boolean, slot: WindowSlot): Windows {
  return machineOf(window).make(window, keepsRows, slot);
}
