import { type AsOfOptions, asOfWay } from './as-of.js';
import type { WayOfMatching } from './way-of-matching.js';
import { type WithinOptions, withinWay } from './within.js';

/** Every way of matching that an option asks for; without one keys must be equal. A new way is registered here, */
export const waysOfMatching: readonly WayOfMatching[] = [withinWay, asOfWay];

/** and here, for the compiler. */
export type MatchingOptions<V> = Only<unknown> | Only<WithinOptions<V>> | Only<AsOfOptions<V>>;

type OptionName = keyof WithinOptions<any> | keyof AsOfOptions<any>;

/** The options of one way, and none of another. */
type Only<O> = O & { readonly [N in Exclude<OptionName, keyof O>]?: undefined };
