import { unicodePattern } from './unicode-pattern.js';

/**
 * All characters that are invisible or affect the text around them: control characters, spaces other than the plain
 * one, line and paragraph separators, direction marks, zero-width characters, lone surrogates.
 */
const unseen = unicodePattern(
  String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{2800}]|(?! )\p{Zs}`,
  'gu',
);
/** Printable ASCII, as nearly all texts are. */
const plain = /^[ -~]*$/;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) as number).toString(16);
  return short[character] ?? (hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`);
}

function escaped(text: string): string {
  return plain.test(text) ? text : text.replace(unseen(), escapeOf);
}

/**
 * A text for display: invisible characters are escaped (`\u200b`), and it has at most this many characters. A longer
 * text is cut in the middle, since an error ends with what to do.
 */
export function shownText(text: string, most: number): string {
  const whole = text.length > most ? undefined : escaped(text);
  if (whole !== undefined && whole.length <= most) return whole;
  const [head, tail] = [Math.floor(most * 0.6), Math.floor(most * 0.4) - 50];
  const from = headOf(escaped(headOf(text, head)), head);
  const to = tailOf(escaped(tailOf(text, tail)), tail);
  return `${from} … (${text.length} characters) … ${to}`;
}

/** A text in quotes, as in JSON, escaped like `shownText`; of a long text only the beginning. */
export function quotedText(text: string, most = 100): string {
  const beginning = text.length > most ? headOf(text, most) : text;
  const quoted = escaped(JSON.stringify(beginning));
  return beginning === text ? quoted : `${quoted}… of ${text.length} characters`;
}

/** The first characters, without splitting a surrogate pair. */
function headOf(text: string, count: number): string {
  return text.slice(0, isLow(text.charCodeAt(count)) && count < text.length ? count - 1 : count);
}

function tailOf(text: string, count: number): string {
  const start = Math.max(0, text.length - count);
  return text.slice(start > 0 && isLow(text.charCodeAt(start)) ? start + 1 : start);
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
