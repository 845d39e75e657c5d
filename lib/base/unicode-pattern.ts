/**
 * A regular expression with classes of Unicode (`\p{…}`), made when it is used first. V8 collects the characters of such a class
 * as soon as it sees a literal, used or not: that takes up to a millisecond of a program's start for each.
 */
export function unicodePattern(source: string, flags = 'u'): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}
