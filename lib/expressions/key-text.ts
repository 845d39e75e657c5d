import { isDate } from '../base/date.js';
/** A key as people read it in errors and reports: `10`, `10n`, `"a"`, `2026-01-01T00:00:00.000Z`, `(1, "a")`. */
export function printKey(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'bigint') return `${key}n`;
  if (isDate(key)) return Number.isNaN(key.getTime()) ? 'invalid Date' : key.toISOString();
  if (Array.isArray(key)) return `(${key.map(printKey).join(', ')})`;
  return typeof key === 'object' && key !== null ? `a ${key.constructor?.name ?? 'object'}` : String(key);
}
