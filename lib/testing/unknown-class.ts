import type { Class } from '../base/class.js';
import type { ErrorCode } from '../base/codes.js';
import { namesakeAdvice } from '../base/namesake.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/** The error for something that is not one of the classes that a test mill reads, or writes. */
export function unknownClass(
  code: ErrorCode,
  given: unknown,
  verb: 'reads' | 'writes',
  known: Iterable<Class>,
): WaterMillError {
  const classes = [...known];
  const expected = classes.map(({ name }) => name).join(', ') || 'nothing';
  const isClass = typeof given === 'function';
  const found = isClass ? given.name : shownValue(given);
  const namesake = namesakeAdvice(given, classes);
  const other = namesake === undefined ? '' : ` ${namesake}.`;
  const sentence = isClass
    ? `The mill ${verb} no ${found}: it ${verb} ${expected}.${other}`
    : `Expected a class that the mill ${verb} (${expected}), found ${found}.`;
  return new WaterMillError(code, sentence, { ...(isClass && { message: found }), expected, found });
}
