import { listed, quotedText } from './shown-text.js';

/** An unknown name among options. */
export interface UnknownOption {
  /** A clause that follows the owner of the options: `has no option "oneof". Did you mean oneOf?` */
  readonly sentence: string;
  readonly details: { readonly found: string; readonly expected: string };
}

/**
 * Finds the first unknown name among options, and the name that was probably meant; undefined if all are known. `noun`:
 * the kind of the names.
 */
export function unknownOption(options: object, known: readonly string[], noun = 'option'): UnknownOption | undefined {
  const found = Object.keys(options).find((name) => !known.includes(name));
  if (found === undefined) return undefined;
  const near = nearestName(found, known);
  const all = known.length === 1 ? `There is only ${known[0]}.` : `There are ${listed(known)}.`;
  const advice = near === undefined ? all : `Did you mean ${near}?`;
  return {
    sentence: `has no ${noun} ${quotedText(found)}. ${advice}`,
    details: { found, expected: near ?? listed(known) },
  };
}

/** The known name that a mistyped one probably means, or undefined if none is close: with no letter in common none is. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    // At least this many letters differ. Text that is no name at all may be very long.
    if (Math.abs(typed.length - name.length) >= least) continue;
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (distance < Math.min(least, typed.length, name.length)) {
      least = distance;
      nearest = name;
    }
  }
  return nearest ?? known.find((name) => name.toLowerCase().includes(typed.toLowerCase()));
}

/** The Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
