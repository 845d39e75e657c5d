import type { ErrorCode } from '../../../base/codes.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { describeValue } from '../explain/in-words.js';

/** The error for an option of an input, or of what fails, that is invalid. */
export function wrongInput(
  place: string,
  expected: string,
  given: unknown,
  code: ErrorCode = 'WM_INPUTS',
): WaterMillError {
  const found = isPlain(given) ? `{ ${Object.keys(given).join(', ')} }` : describeValue(given);
  return new WaterMillError(code, `${place}: expected ${expected}, found ${found}.`, { expected, found });
}

/** An object of options, which its names tell apart from another. */
function isPlain(given: unknown): given is object {
  return describeValue(given) === 'a plain object' && Object.keys(given as object).length > 0;
}
