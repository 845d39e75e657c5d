import { shownValue } from '../../base/shown-value.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { isPromise } from '../../messages/codec.js';

/** The place of an error: a source, and an element in it. */
export interface SourcePlace {
  /** The message class's name. */
  readonly message: string;
  /** The name of the stream: `the source of Order`. */
  readonly stream: string;
  /** The ordinal of the expected value, if values are counted. */
  readonly position?: number;
}

/** The error for a source that threw, or whose promise was rejected. */
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

/** The advice for a failed source that could have been called again. */
export const retriesAdvice = ' Give `retries` to have it called again.';

/** The error for a source that broke its contract: its value is not used. */
export function sourceBroke(place: SourcePlace, expected: string, found: string, advice: string): WaterMillError {
  const where = place.position === undefined ? '' : ` at element ${place.position}`;
  return new WaterMillError(
    'WM_SOURCE_PROTOCOL',
    `${capitalized(place.stream)} broke its protocol${where}: expected ${expected}, found ${found}. ${advice}`,
    { ...place, expected, found },
  );
}

/** The error for an iterator whose `next()` returned anything but a result: nothing would ever end it. */
export function noIteratorResult(place: SourcePlace, step: unknown): WaterMillError {
  const [found, advice] = isPromise(step)
    ? ['a promise', 'An iterator that must be awaited is returned by [Symbol.asyncIterator].']
    : [shownValue(step), 'The `next()` of an iterator returns { value, done }.'];
  return sourceBroke(place, 'an iterator result', found, advice);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
