import { compareKeys } from '../../../expressions/key.js';

/** Whether two keys of an expression window are equal by value; null and undefined may be such keys too. */
export function sameWindowKey(a: any, b: any): boolean {
  if (a === b) return true;
  if (a == null || b == null || typeof a !== typeof b) return false;
  return typeof a === 'object' && compareKeys(a, b) === 0;
}
