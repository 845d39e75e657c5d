import { isDate } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import { FieldProblem, fieldPath } from '../field-problem.js';
import { isPlainObject } from '../members.js';
import { deepest } from '../nesting.js';
import { wordsForValue } from '../words.js';

type Mode = 'exact' | 'converting' | 'recording';

/**
 * Converts a value to JSON that reads back equal. `exact`: it must be JSON already (plain objects, arrays, strings,
 * finite numbers, booleans, null). `converting`: bigints, Dates, and objects with `toJSON` are written like fields of
 * such types. `recording`: also infinite numbers, which are what JSON.parse returns for 1e400. Undefined members are left
 * out, as by JSON.stringify; anything else that JSON cannot represent is a FieldProblem.
 */
export function jsonOf(value: unknown, path: string, mode: Mode, depth = 0): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) {
    return value as Json;
  }
  if (depth > deepest) throw new FieldProblem(path, `nested at most ${deepest} deep`, 'deeper (or holds itself)');
  if (Array.isArray(value)) return Array.from(value, (item, i) => jsonOf(item, `${path}[${i}]`, mode, depth + 1));
  if (mode !== 'exact') {
    if (mode === 'recording' && typeof value === 'number' && !Number.isNaN(value)) return value;
    if (typeof value === 'bigint') return String(value);
    if (isDate(value) && !Number.isNaN(value.getTime())) return value.toISOString();
    const convert = (value as { toJSON?: unknown } | undefined)?.toJSON;
    if (typeof convert === 'function' && !isDate(value)) return jsonOf(convert.call(value), path, mode, depth + 1);
  }
  if (typeof value === 'object' && value !== null && (mode !== 'exact' || isPlainObject(value)) && !isDate(value)) {
    return membersOf(value, path, mode, depth);
  }
  throw new FieldProblem(path, 'plain JSON', wordsForValue(value));
}

function membersOf(value: object, path: string, mode: Mode, depth: number): Json {
  const plain: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const json = jsonOf(member, fieldPath(path, name), mode, depth + 1);
    // Storing under __proto__ would change the prototype of the object.
    if (name === '__proto__') Object.defineProperty(plain, name, { value: json, enumerable: true });
    else plain[name] = json;
  }
  return plain;
}

/** Like JSON.stringify, but keeps the sign of -0, and infinite numbers. */
export function jsonText(json: Json): string {
  if (typeof json === 'string') return quoted(json);
  if (typeof json === 'number') return numberText(json);
  if (json === null || typeof json !== 'object') return String(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  const members = Object.entries(json).map(([name, member]) => `${quoted(name)}:${jsonText(member)}`);
  return `{${members.join(',')}}`;
}

function numberText(number: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0' : '0';
  if (Number.isFinite(number)) return String(number);
  return number > 0 ? '1e400' : '-1e400';
}

/** Everything except quotes, backslashes, control characters and surrogates. */
const needsNoEscape = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** A string as JSON. Short strings are searched for characters to escape: that costs two thirds of JSON.stringify. */
export function quoted(text: string): string {
  return text.length < 40 && needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}
