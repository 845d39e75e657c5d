import { WaterMillError } from '../../base/watermill-error.js';
import { describeValue } from './in-words.js';

/** The error for an option of an input, or of what fails, that is not what it must be. */
export function wrongInput(place: string, expected: string, found: unknown): WaterMillError {
  const shown =
    typeof found === 'object' && found !== null && !Array.isArray(found)
      ? `{ ${Object.keys(found).join(', ')} }`
      : describeValue(found);
  return new WaterMillError('WM_INPUTS', `${place}: expected ${expected}, found ${shown}.`, { expected, found: shown });
}
