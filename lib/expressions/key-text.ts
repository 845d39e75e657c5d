import { isDate } from '../base/date.js';
import { classOf, safely, shownValue } from '../base/shown-value.js';

/** What may be a key, for errors. */
export const validKeys =
  'a finite number, a bigint, a string, a boolean, a valid Date, or a tuple of one or more of them';

/** A key as text for errors and reports: `10`, `10n`, `"a"`, `2026-01-01T00:00:00.000Z`, `(1, "a")`. */
export function printKey(key: unknown): string {
  return safely(() => (Array.isArray(key) ? `(${partsOf(key)})` : scalarText(key))) ?? shownValue(key);
}

/** The displayed parts of a tuple: scalars, and hardly ever many. */
function partsOf(key: readonly unknown[]): string {
  const parts = key.slice(0, mostParts).map(scalarText);
  if (key.length > mostParts) parts.push(`… ${key.length - mostParts} more`);
  return parts.join(', ');
}

function scalarText(key: unknown): string {
  const isObject = typeof key === 'object' && key !== null && !Array.isArray(key) && !isDate(key);
  return isObject ? withArticle(classOf(key) ?? 'object') : shownValue(key);
}

const mostParts = 16;

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
