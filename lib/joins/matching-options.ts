import { equal } from './matching/equal.js';
import type { Matching } from './matching/matching.js';
import { type EdgeInMaking, wrongMatching } from './matching/way-of-matching.js';
import { waysOfMatching } from './matching/ways.js';

/** The names of all options that say how an edge matches. */
export const matchingOptionNames: readonly string[] = waysOfMatching.flatMap((way) => [way.option, ...way.further]);

/** The way of matching that the options of an edge ask for. */
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
