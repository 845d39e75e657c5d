import type { Class } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from './class-name.js';

/** The class whose elements have the fields of all parts: the one that extends the others. */
export function commonClass(parts: readonly { readonly of: Class | undefined }[], purpose: string): Class | undefined {
  let common: Class | undefined;
  for (const { of } of parts) {
    if (of === undefined || common === of) continue;
    if (common === undefined || extendsClass(of, common)) common = of;
    else if (!extendsClass(common, of)) {
      throw new WaterMillError(
        'WM_EXPRESSION_OPERAND',
        `${purpose}: one part reads ${classNameOf(common)}, another ${classNameOf(of)}; an expression reads one element. ` +
          'Use fields of one class.',
        { message: classNameOf(common), expected: classNameOf(common), found: classNameOf(of) },
      );
    }
  }
  return common;
}

/**
 * Returns whether elements of `cls` are also elements of `base`: the same class, an alias of it, or a class that
 * extends it.
 */
export function extendsClass(cls: Class, base: Class): boolean {
  return cls === base || cls.prototype instanceof base;
}
