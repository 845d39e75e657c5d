import { shownText } from './shown-text.js';
import { classOf, memberOrNothing, safely, shownValue } from './shown-value.js';

/**
 * A thrown value, or the reason of a rejected promise, in words: of an error its message, of anything else the value.
 * Every place that catches what is not our own tells of it by this, or by `reasonOf`. It never throws, whatever was
 * thrown (getters that throw, a revoked proxy, an error of another realm), and returns at most `most` characters.
 */
export function thrownText(thrown: unknown, most = 1_000): string {
  return shownText(safely(() => textOf(thrown, 2)) ?? shownValue(thrown), most);
}

/** The same inside a sentence: without the full stop that it may end with. */
export function reasonOf(thrown: unknown): string {
  return thrownText(thrown).replace(/(?<!\.)\.$/, '');
}

/** A text as a sentence: it ends with a full stop. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Whether something is an error, of whatever realm. */
export function isError(thrown: unknown): thrown is Error {
  const isOne = (): boolean => thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
  return safely(isOne) === true;
}

function textOf(thrown: unknown, depth: number): string {
  if (typeof thrown === 'string') return thrown === '' ? 'an empty string' : thrown;
  if (isError(thrown)) return errorText(thrown, depth);
  return safely(() => ownWords(thrown)) || shownValue(thrown);
}

/** How an object prints itself, if its class says so; undefined for all others. */
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
  const inner = memberOrNothing(error, 'errors');
  return Array.isArray(inner) && depth > 0 ? `${text}${innerText(inner, depth)}` : text;
}

/** The parts of an `AggregateError`: it alone says what happened. */
function innerText(errors: readonly unknown[], depth: number): string {
  if (errors.length === 0) return '';
  const texts = errors.slice(0, 3).map((each) => shownText(textOf(each, depth - 1), 200));
  if (errors.length > 3) texts.push(`… ${errors.length - 3} more`);
  return ` (${texts.join('; ')})`;
}
