/**
 * A regular expression with Unicode classes (`\p{…}`), created at its first use. V8 collects the characters of such a
 * class for each literal, used or not: that takes up to a millisecond of a program's start for each.
 */
export function unicodePattern(source: string, flags = 'u'): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}
