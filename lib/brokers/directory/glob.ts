/**
 * Makes the test for a pattern: `*` is any text without `/`, `?` one such character, `[a-z]` one of a set, `[!a-z]` one
 * of all others, `{a,b}` an alternative, `**` any folders; everything else is literal. A pattern without `/` is matched
 * with the last part of a name. Undefined if a set has a range in the wrong order, such as `[z-a]`.
 */
export function globTest(pattern: string): ((name: string) => boolean) | undefined {
  let expression: RegExp;
  try {
    expression = new RegExp(`^${sourceOf(pattern)}$`, 'su');
  } catch {
    return undefined;
  }
  if (pattern.includes('/')) return (name) => expression.test(name);
  return (name) => expression.test(name.slice(name.lastIndexOf('/') + 1));
}

function sourceOf(pattern: string): string {
  let source = '';
  let alternatives = 0;
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at);
    const set = /^\[(!?)([^\]]+)\]/.exec(rest);
    if (rest.startsWith('**/')) {
      source += '(?:[^/]+/)*';
      at += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      at++;
    } else if (set !== null) {
      source += `[${set[1] === '!' ? '^/' : ''}${set[2]!.replace(/[\\^[]/g, '\\$&')}]`;
      at += set[0].length - 1;
    } else if (rest[0] === '{' && rest.includes('}')) {
      source += '(?:';
      alternatives++;
    } else if (rest[0] === '}' && alternatives > 0) {
      source += ')';
      alternatives--;
    } else if (rest[0] === ',' && alternatives > 0) source += '|';
    else if (rest[0] === '*') source += '[^/]*';
    else if (rest[0] === '?') source += '[^/]';
    else source += rest[0]!.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return source + ')'.repeat(alternatives);
}
