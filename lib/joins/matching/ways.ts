import { type AsOfOptions, asOfWay } from './as-of.js';
import { equal } from './equal.js';
import type { Matching } from './matching.js';
import { type EdgeInMaking, type WayOfMatching, wrongMatching } from './way-of-matching.js';
import { type WithinOptions, withinWay } from './within.js';

/**
 * Every way of matching that an option selects; without one, keys must be equal. Register a new way here and in the
 * type below.
 */
export const waysOfMatching: readonly WayOfMatching[] = [withinWay, asOfWay];

/** The options of all ways of matching. */
export type MatchingOptions<V> = Only<unknown> | Only<WithinOptions<V>> | Only<AsOfOptions<V>>;

type OptionName = keyof WithinOptions<any> | keyof AsOfOptions<any>;

/** The options of one way, and none of the others. */
type Only<O> = O & { readonly [N in Exclude<OptionName, keyof O>]?: undefined };

/** The names of all options that determine how an edge matches. */
export const matchingOptionNames: readonly string[] = waysOfMatching.flatMap((way) => [way.option, ...way.further]);

/** The matching that the options of an edge select. */
export function matchingOf(given: Readonly<Record<string, unknown>>, edge: EdgeInMaking): Matching {
  const { role } = edge;
  const [way, other] = waysOfMatching.filter(({ option }) => given[option] !== undefined);
  if (way !== undefined && other !== undefined) {
    const both = `${way.option} and ${other.option}`;
    const sentence = `${role}: ${both} are two ways of matching. Leave one of them out.`;
    throw wrongMatching(sentence, `${way.option} or ${other.option}`, both);
  }
  for (const { option, further } of waysOfMatching) {
    const lost = further.find((name) => given[name] !== undefined && option !== way?.option);
    if (lost === undefined) continue;
    const sentence = `${role}: a ${lost} belongs to ${option}. Add ${option}, or leave it out.`;
    throw wrongMatching(sentence, option, `a ${lost} without ${option}`);
  }
  return way === undefined ? equal : way.read(given, edge);
}
