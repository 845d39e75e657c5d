import { shownText } from './shown-text.js';
import { classOf, memberOrNothing, safely, shownValue } from './shown-value.js';

/**
 * Describes a thrown value, or the reason of a rejected promise: the message of an error, otherwise the value. All code
 * that catches foreign errors describes them with this function, `thrownSentence` or `reasonOf`. Never throws, whatever
 * was thrown (getters that throw, a revoked proxy, an error of another realm), and returns at most `most` characters.
 */
export function thrownText(thrown: unknown, most = 1_000): string {
  return shownText(safely(() => textOf(thrown, 2)) ?? shownValue(thrown), most);
}

/** The maximum number of stack traces of one error. */
const mostStacks = 8;

/** The maximum number of characters of the message in a stack trace: as many as an error of this package has. */
const longestMessage = 2_000;
/** The maximum number of lines of a stack trace above and below its message, and of characters of each. */
const mostFrames = 100;
const longestFrame = 500;

/**
 * The stack trace of a thrown value, followed by those of its causes: if the user's code has failed, only the cause has
 * the place. Messages are shown as in errors: shortened, on one line, with escapes. Never throws.
 */
export function stackText(thrown: unknown): string {
  const stacks: string[] = [];
  const known = new Set<unknown>();
  for (let each = thrown; each !== undefined && !known.has(each) && stacks.length < mostStacks; ) {
    known.add(each);
    const stack = isError(each) ? memberOrNothing(each, 'stack') : undefined;
    stacks.push(typeof stack === 'string' ? shownStack(stack, memberOrNothing(each, 'message')) : thrownText(each));
    each = isError(each) ? memberOrNothing(each, 'cause') : undefined;
  }
  return stacks.join('\nCaused by: ');
}

/** `message`: that of the error, which its stack trace contains. */
function shownStack(stack: string, message: unknown): string {
  const words = typeof message === 'string' ? message : '';
  const from = Math.max(0, stack.indexOf(words));
  const start = from === 0 ? 0 : stack.lastIndexOf('\n', from - 1) + 1;
  const end = stack.indexOf('\n', stack.startsWith(words, from) ? from + words.length : from);
  const first = shownText(stack.slice(start, end < 0 ? stack.length : end), longestMessage);
  const below = end < 0 ? [] : shownLines(stack.slice(end + 1));
  return [...shownLines(stack.slice(0, Math.max(0, start - 1))), first, ...below].join('\n');
}

function shownLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.slice(0, mostFrames * longestFrame).split('\n', mostFrames);
  return lines.map((line) => shownText(line, longestFrame));
}

/** Like `thrownText`, without a final full stop, for use inside a sentence. */
export function reasonOf(thrown: unknown): string {
  return thrownText(thrown).replace(/(?<!\.)\.$/, '');
}

/** Like `thrownText`, as a sentence: with a full stop, unless it ends in another mark. */
export function thrownSentence(thrown: unknown): string {
  return asSentence(thrownText(thrown));
}

/** Adds a full stop to a text, if it does not end a sentence. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Returns whether something is an error, of any realm. */
export function isError(thrown: unknown): thrown is Error {
  const isOne = (): boolean => thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
  return safely(isOne) === true;
}

function textOf(thrown: unknown, depth: number): string {
  if (typeof thrown === 'string') return thrown === '' ? 'an empty string' : thrown;
  if (isError(thrown)) return errorText(thrown, depth);
  return safely(() => ownWords(thrown)) || shownValue(thrown);
}

/** The text of an object whose class defines `toString`; undefined for others. */
function ownWords(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || Array.isArray(thrown)) return undefined;
  if (thrown.toString === Object.prototype.toString || classOf(thrown) === undefined) return undefined;
  const text = String(thrown);
  return text.startsWith('[object ') ? undefined : text;
}

function errorText(error: Error, depth: number): string {
  const message = memberOrNothing(error, 'message');
  const code = memberOrNothing(error, 'code');
  const name = memberOrNothing(error, 'name');
  const called = typeof name === 'string' && name !== '' ? name : 'an error';
  let text = typeof message === 'string' ? message : undefined;
  if (text === undefined && message !== undefined) text = `${called}: ${shownValue(message)}`;
  if (text === undefined || text === '') text = typeof code === 'string' ? code : called;
  if (depth === 0) return text;
  return text + (safely(() => innerText(memberOrNothing(error, 'errors'), depth)) ?? '');
}

/** The parts of an `AggregateError`: only they say what happened. */
function innerText(errors: unknown, depth: number): string {
  if (!Array.isArray(errors) || errors.length === 0) return '';
  const texts = errors.slice(0, 3).map((each) => shownText(textOf(each, depth - 1), 200));
  if (errors.length > 3) texts.push(`… ${errors.length - 3} more`);
  return ` (${texts.join('; ')})`;
}
