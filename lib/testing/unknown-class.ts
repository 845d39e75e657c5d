import type { Class } from '../base/class.js';
import type { ErrorCode } from '../base/codes.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/** The error for something that is not one of the classes that a test mill reads, or writes. */
export function unknownClass(
  code: ErrorCode,
  given: unknown,
  verb: 'reads' | 'writes',
  known: Iterable<Class>,
): WaterMillError {
  const expected = [...known].map(({ name }) => name).join(', ') || 'nothing';
  const isClass = typeof given === 'function';
  const found = isClass ? given.name : shownValue(given);
  const sentence = isClass
    ? `The mill ${verb} no ${found}: it ${verb} ${expected}.`
    : `Expected a class that the mill ${verb} (${expected}), found ${found}.`;
  return new WaterMillError(code, sentence, { ...(isClass && { message: found }), expected, found });
}
