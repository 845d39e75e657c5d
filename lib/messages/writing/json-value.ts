import { isDate } from '../../base/date.js';
import type { Json } from '../../base/json.js';
import { FieldProblem, fieldPath } from '../field-problem.js';
import { isPlainObject } from '../members.js';
import { deepest } from '../nesting.js';
import { wordsForValue } from '../words.js';

/**
 * Converts a value to JSON that reads back equal. `exact`: it must be JSON already (plain objects, arrays, strings,
 * finite numbers, booleans, null). `converting`: bigints, Dates, and objects with `toJSON` are written like fields of
 * such types. Undefined members are left out, as by JSON.stringify; anything else that JSON cannot represent is a
 * FieldProblem.
 */
export function jsonOf(value: unknown, path: string, mode: 'exact' | 'converting', depth = 0): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) {
    return value as Json;
  }
  if (depth > deepest) throw new FieldProblem(path, `nested at most ${deepest} deep`, 'deeper (or holds itself)');
  if (Array.isArray(value)) return Array.from(value, (item, i) => jsonOf(item, `${path}[${i}]`, mode, depth + 1));
  if (mode === 'converting') {
    if (typeof value === 'bigint') return String(value);
    if (isDate(value) && !Number.isNaN(value.getTime())) return value.toISOString();
    const convert = (value as { toJSON?: unknown } | undefined)?.toJSON;
    if (typeof convert === 'function' && !isDate(value)) return jsonOf(convert.call(value), path, mode, depth + 1);
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    (mode === 'converting' || isPlainObject(value)) &&
    !isDate(value)
  ) {
    return membersOf(value, path, mode, depth);
  }
  throw new FieldProblem(path, 'plain JSON', wordsForValue(value));
}

function membersOf(value: object, path: string, mode: 'exact' | 'converting', depth: number): Json {
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

/** Like JSON.stringify, but keeps the sign of -0. */
export function jsonText(json: Json): string {
  if (typeof json === 'string') return quoted(json);
  if (json === null || typeof json !== 'object') return Object.is(json, -0) ? '-0' : String(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  const members = Object.entries(json).map(([name, member]) => `${quoted(name)}:${jsonText(member)}`);
  return `{${members.join(',')}}`;
}

/** Everything except quotes, backslashes, control characters and surrogates. */
const needsNoEscape = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** A string as JSON. Short strings are searched for characters to escape: that costs two thirds of JSON.stringify. */
export function quoted(text: string): string {
  return text.length < 40 && needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}
