/** What kind of thing a value is, in words for an error. */
export function nameOfValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return `an object of ${value.constructor?.name ?? 'no class'}`;
  return `a ${typeof value}`;
}
