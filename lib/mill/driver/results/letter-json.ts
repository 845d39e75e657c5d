import { isDate } from '../../../base/date.js';
import { memberOrNothing, safely, shownValue } from '../../../base/shown-value.js';

/** The maximum length of the text, in characters. */
const longest = 1_000_000;

/** A list or an object that is partly written. */
interface Open {
  readonly value: object;
  /** Undefined for a list. */
  readonly names: readonly string[] | undefined;
  readonly count: number;
  next: number;
  isEmpty: boolean;
}

/**
 * Writes any value as JSON, as well as possible, for the dead letter of a message whose bytes are not available. It
 * never throws and always terminates. Nesting is not limited. A bigint is written as its digits in quotes; a value
 * without a JSON form (NaN, a symbol, a function, a circular reference, a getter that throws) as a text in quotes. The
 * text is cut off after a million characters.
 */
export function letterJson(value: unknown): string {
  return new LetterJson().write(value);
}

class LetterJson {
  private text = '';
  private readonly open: Open[] = [];
  /** The objects that contain the current one, to detect circular references. */
  private readonly around = new Set<object>();

  write(value: unknown): string {
    this.add(value);
    for (let last = this.open.at(-1); last !== undefined; last = this.open.at(-1)) {
      if (this.text.length > longest) return `${this.text.slice(0, longest)}…`;
      if (last.next < last.count) this.addMember(last);
      else this.close(last);
    }
    return this.text;
  }

  private add(value: unknown): void {
    if (typeof value === 'object' && value !== null) this.addObject(value);
    else this.text += scalarJson(value);
  }

  private addObject(value: object): void {
    const converted = convertedBy(value);
    if (typeof converted !== 'object' || converted === null) {
      this.text += scalarJson(converted);
    } else if (this.around.has(converted)) {
      this.text += '"[holds itself]"';
    } else {
      this.begin(converted);
    }
  }

  private begin(value: object): void {
    const isList = safely(() => Array.isArray(value));
    const names = isList ? undefined : safely(() => Object.keys(value));
    const count = isList ? safely(() => (value as unknown[]).length) : names?.length;
    if (count === undefined) {
      this.text += JSON.stringify(shownValue(value));
      return;
    }
    this.around.add(value);
    this.open.push({ value, names, count, next: 0, isEmpty: true });
    this.text += isList ? '[' : '{';
  }

  private addMember(open: Open): void {
    const index = open.next++;
    const name = open.names?.[index] ?? index;
    const member = memberOf(open.value, name);
    if (open.names !== undefined && member === undefined) return;
    if (!open.isEmpty) this.text += ',';
    open.isEmpty = false;
    if (open.names !== undefined) this.text += `${JSON.stringify(name)}:`;
    this.add(member ?? null);
  }

  private close({ value, names }: Open): void {
    this.open.pop();
    this.around.delete(value);
    this.text += names === undefined ? ']' : '}';
  }
}

function memberOf(value: object, name: string | number): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '[cannot be read]';
  }
}

/** The result of an object's `toJSON`, if it has one. Called once, since it might return another such object. */
function convertedBy(value: object): unknown {
  if (safely(() => isDate(value))) return safely(() => (value as Date).toISOString()) ?? shownValue(value);
  const convert = memberOrNothing(value, 'toJSON');
  return typeof convert === 'function' ? (safely(() => convert.call(value)) ?? value) : value;
}

function scalarJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : `"${value}"`;
    case 'bigint':
      return `"${value}"`;
    default:
      return value === null ? 'null' : JSON.stringify(shownValue(value));
  }
}
