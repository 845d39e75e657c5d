import { shownText } from './shown-text.js';

const longest = 80;

/** A function of the user's in an error: its source in one line if that is short, else its name, or how the source begins. */
export function functionText(fn: Function): string {
  const source = Function.prototype.toString.call(fn).replace(/\s+/g, ' ').trim();
  if (source.length <= longest) return shownText(source, 2 * longest);
  const text = fn.name === '' ? `${source.slice(0, longest)}…` : fn.name;
  return shownText(text, 2 * longest);
}
