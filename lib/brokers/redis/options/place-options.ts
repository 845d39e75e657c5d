import { BrokerOptions } from '../../broker-options.js';
import { isCountAboveZero, isOneOf, isText } from '../../option-values.js';

type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

export const text: Rule = ['a non-empty string', isText];
export const countAboveZero: Rule = ['a whole number above 0', isCountAboveZero];

export function oneOf(first: string, second: string): Rule {
  return [`'${first}' or '${second}'`, isOneOf(first, second)];
}

/** The options of a place, with checked names. */
export function checkedOptions(place: string, options: object, names: readonly string[]): BrokerOptions {
  return new BrokerOptions(place, options, names);
}
