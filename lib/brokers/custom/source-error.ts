import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';

/** Where in which source something went wrong. */
export interface SourcePlace {
  /** The message class's name. */
  readonly message: string;
  /** What the stream is called: `the source of Order`. */
  readonly stream: string;
  /** The ordinal of the value that was expected, where values are counted. */
  readonly position?: number;
}

/** The source threw, or its promise was rejected. */
export function sourceFailed(place: SourcePlace, cause: unknown, doing: string, advice = ''): WaterMillError {
  const found = reasonOf(cause);
  return new WaterMillError(
    'WM_INPUT_FAILED',
    `${capitalized(place.stream)} failed ${doing}: ${found}. ` +
      `The elements before it were read; positions were not moved past them.${advice}`,
    { ...place, expected: 'an element', found },
    { cause },
  );
}

/** What to do about a source that failed, where it may be called again and was not. */
export const retriesAdvice = ' Give `retries` to have it called again.';

/** The source did not keep its side: what it gave is not used. */
export function sourceBroke(place: SourcePlace, expected: string, found: string, advice: string): WaterMillError {
  const where = place.position === undefined ? '' : ` at element ${place.position}`;
  return new WaterMillError(
    'WM_SOURCE_PROTOCOL',
    `${capitalized(place.stream)} broke its protocol${where}: expected ${expected}, found ${found}. ${advice}`,
    { ...place, expected, found },
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
