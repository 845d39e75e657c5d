import { BrokerOptions } from '../broker-options.js';

type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

export const isText: Rule = ['a non-empty string', (value) => typeof value === 'string' && value !== ''];
export const isCount: Rule = [
  'a whole number above 0',
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
];

export function oneOf(first: string, second: string): Rule {
  return [`'${first}' or '${second}'`, (value) => value === first || value === second];
}

/** The options of a place, with checked names. */
export function checkedOptions(place: string, options: object, names: readonly string[]): BrokerOptions {
  return new BrokerOptions(place, options, names);
}
