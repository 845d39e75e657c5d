import { shownText } from './shown-text.js';

const longest = 80;

/** The text of a user's function for an error: its source on one line if it is short, otherwise its name, or the beginning. */
export function functionText(fn: Function): string {
  const source = Function.prototype.toString.call(fn).replace(/\s+/g, ' ').trim();
  if (source.length <= longest) return shownText(source, 2 * longest);
  const text = fn.name === '' ? `${source.slice(0, longest)}…` : fn.name;
  return shownText(text, 2 * longest);
}
