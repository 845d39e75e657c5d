import { unknownOption } from '../../base/option-names.js';
import { quotedText } from '../../base/shown-text.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { describeValue } from './in-words.js';
import type { OptionPlace } from './option-places.js';

/** Throws if the argument is not an object of options but, for example, one of the values that belong into it. */
export function checkOneObject(given: unknown, whose: string, example: string): asserts given is object {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (isObject && !['what', 'streamOf', 'run'].some((member) => member in given)) return;
  throw wrongOption(`${whose} takes one object of options, found ${describeValue(given)}. Write ${example}.`);
}

/**
 * Throws for an unknown name among options, suggesting the one that was probably meant, or naming the place of one that
 * belongs `elsewhere`.
 */
export function checkNames(
  options: object,
  known: readonly string[],
  whose: string,
  elsewhere: readonly OptionPlace[] = [],
): void {
  const unknown = unknownOption(options, known);
  if (unknown === undefined) return;
  const { found } = unknown.details;
  const place = elsewhere.find(({ names }) => names.includes(found))?.place;
  if (place === undefined) throw wrongOption(`${whose} ${unknown.sentence}`, unknown.details);
  const expected = `in the options of ${place}`;
  throw wrongOption(`${whose} has no option ${quotedText(found)}. It belongs to ${place}.`, { found, expected });
}

/** Throws if the options of a method of a mill are not an object, or have unknown names. */
export function checkCallOptions(method: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongOption(
      `${method} takes one object of options, { ${known.join(', ')} }; found ${describeValue(options)}.`,
    );
  }
  checkNames(options, known, method);
}

export function wrongOption(sentence: string, details = {}): WaterMillError {
  return new WaterMillError('WM_MILL_OPTIONS', sentence, details);
}
