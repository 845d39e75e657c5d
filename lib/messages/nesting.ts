/**
 * The maximum nesting depth of messages: a message made to overflow the stack is refused instead, at the same depth
 * everywhere.
 */
export const deepest = 1000;

/**
 * Returns whether free JSON nests deeper than can be written, or contains itself: everything that is read can be
 * written again.
 */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > deepest) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (isTooDeep(value[i], depth + 1)) return true;
    return false;
  }
  for (const name in value) if (isTooDeep((value as Record<string, unknown>)[name], depth + 1)) return true;
  return false;
}
