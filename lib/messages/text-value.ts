import { FieldProblem, fieldPath } from './field-problem.js';
import type { Choice, FieldType } from './field-type.js';
import { memberOf } from './members.js';
import type { FieldSchema, MessageSchema } from './message-schema.js';
import { wordsForValue } from './words.js';

/**
 * Converts the texts of a message's fields (a row of CSV, the fields of an entry) to the values that JSON would have.
 * Members that the class does not know are unchanged.
 */
export function valuesOfTexts(schema: MessageSchema, texts: object): object {
  const values: Record<string, unknown> = { ...texts };
  for (const field of schema.fields) {
    const text = memberOf(texts, field.name);
    if (text !== undefined) values[field.name] = valueOfText(field, text);
  }
  return values;
}

/**
 * The value of a field's text. An empty text is missing if the field is optional, null if it is nullable. A text
 * without a value of the field's type is unchanged: reading it reports the problem.
 */
export function valueOfText(field: FieldSchema, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (text === '' && field.optional) return undefined;
  if (text === '' && field.nullable) return null;
  const { type } = field;
  switch (type.kind) {
    case 'string':
      return text;
    case 'number':
      return numberOf(text) ?? text;
    case 'boolean':
      return booleanOf(text) ?? text;
    case 'bigint':
      return text.trim();
    case 'date':
      return numberOf(text) ?? text.trim();
    case 'choice':
      return choiceOf(type, text) ?? text;
    case 'json': {
      const value = jsonOf(text);
      if (value !== undefined) return value;
      throw new FieldProblem(fieldPath('', field.name), 'JSON', wordsForValue(text));
    }
    case 'message':
    case 'array':
      return jsonOf(text) ?? text;
  }
}

/** The number of a decimal text, possibly with spaces around it; Infinity if it is too large. */
export function numberOf(text: string): number | undefined {
  const number = +text;
  // A text that starts like this is decimal, if it is a number at all: it is neither blank nor 0x10.
  if (number - number === 0 && text.charCodeAt(0) > space && !(text.charCodeAt(1) > nine)) return number;
  return decimal.test(text) ? number : undefined;
}

const space = 0x20;
const nine = 0x39;
const decimal = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

function booleanOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

const choices = new WeakMap<FieldType, ReadonlyMap<string, Choice>>();

/** Of values with the same text, the text itself is preferred. */
function choiceOf(type: FieldType & { readonly kind: 'choice' }, text: string): Choice | undefined {
  let byText = choices.get(type);
  if (byText === undefined) {
    const values = [...type.values].sort(
      (one, other) => Number(typeof one === 'string') - Number(typeof other === 'string'),
    );
    byText = new Map(values.map((value) => [String(value), value]));
    choices.set(type, byText);
  }
  return byText.get(text);
}

/** Undefined if it is not JSON: no JSON value is undefined. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
