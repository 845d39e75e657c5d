import type { ErrorCode } from '../../../base/codes.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { describeValue } from '../in-words.js';

/** The error for an invalid option of an input, or of a failure policy. */
export function wrongInput(
  place: string,
  expected: string,
  given: unknown,
  code: ErrorCode = 'WM_INPUTS',
  advice?: string,
): WaterMillError {
  const found = isPlain(given) ? `{ ${Object.keys(given).join(', ')} }` : describeValue(given);
  const remedy = advice === undefined ? '' : ` ${advice}.`;
  return new WaterMillError(code, `${place}: expected ${expected}, found ${found}.${remedy}`, { expected, found });
}

/** Returns whether a value is a non-empty object of options. */
function isPlain(given: unknown): given is object {
  return describeValue(given) === 'a plain object' && Object.keys(given as object).length > 0;
}
