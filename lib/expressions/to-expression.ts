import { isClass } from '../base/class.js';
import { refuseOtherVersion } from '../base/other-version.js';
import { quotedText } from '../base/shown-text.js';
import { WaterMillError } from '../base/watermill-error.js';
import { DescribedExpression } from './described-expression.js';
import type { Expression } from './expression.js';

/**
 * Converts a user's key to an expression; a function becomes an opaque one. `role` names the key in errors:
 * `joinWith(Weather): the left key`. Throws `WM_KEY`.
 */
export function toExpression(key: unknown, role: string): Expression<any, any> {
  if (DescribedExpression.is(key)) return key;
  const problem = problemOf(key);
  if (problem === undefined) {
    return new DescribedExpression({ form: 'function', evaluate: key as (element: any) => unknown, role }, undefined);
  }
  refuseOtherVersion(role, key);
  throw new WaterMillError(
    'WM_KEY',
    `${role} is ${problem}; it must be an expression, such as field(C, 'time').plus(10), or a function: ` +
      '(element) => element.time + 10.',
    { expected: 'an expression or a function', found: problem },
  );
}

function problemOf(key: unknown): string | undefined {
  if (typeof key === 'string') return `the string ${quotedText(key)}`;
  if (typeof key !== 'function') return key === null || typeof key !== 'object' ? String(key) : 'an object';
  if (isClass(key)) return `the class ${key.name}`;
  const source = Function.prototype.toString.call(key);
  return /^async\b(?!\s*=>)/.test(source) ? 'an async function, which returns a promise and not a key' : undefined;
}
