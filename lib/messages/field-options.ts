import { isClass } from '../base/class.js';
import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { FieldOptions } from './declarations.js';

const names: readonly (keyof FieldOptions)[] = ['name', 'optional', 'nullable', 'oneOf', 'fraction', 'iso'];

/** The field that a decorator is on. */
interface FieldPlace {
  readonly className: string;
  readonly property: string;
}

/**
 * Throws for options of `@Field` that are unknown or of the wrong type. Their combination with the type is checked
 * later.
 */
export function checkFieldOptions(place: FieldPlace, given: unknown): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const found = shownValue(given);
    const expected = 'a function that returns the type, or an object of options';
    const text = typeof given === 'string' ? found : '"other_name"';
    throw refused(
      place,
      `: expected ${expected}, found ${found}. Write @Field(() => Type), or @Field({ name: ${text} }) for another name in messages.`,
      { expected, found },
    );
  }
  const unknown = unknownOption(given, names);
  if (unknown !== undefined) throw refused(place, ` ${unknown.sentence}`, unknown.details);
  const { name, optional, nullable } = given as FieldOptions;
  if (name !== undefined && typeof name !== 'string') throw wrongValue(place, 'name', 'a string', name);
  for (const [option, value] of Object.entries({ optional, nullable })) {
    if (value !== undefined && typeof value !== 'boolean') throw wrongValue(place, option, 'true or false', value);
  }
}

/** `@Field` without parentheses is called with the decorator's target: nothing would be declared. */
export function refuseUncalled(first: unknown, second: unknown): void {
  const isPrototype = typeof first === 'object' && first !== null && Object.hasOwn(first, 'constructor');
  if ((typeof second !== 'string' && typeof second !== 'symbol') || !(isPrototype || isClass(first))) return;
  const className = isPrototype ? first.constructor.name : (first as Function).name;
  throw refused({ className, property: String(second) }, ' is written without parentheses. Write @Field().', {});
}

function wrongValue(place: FieldPlace, option: string, expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return refused(place, `: ${option} must be ${expected}, but is ${found}.`, { expected, found });
}

function refused({ className, property }: FieldPlace, sentence: string, details: object): WaterMillError {
  return new WaterMillError('WM_FIELD_OPTIONS', `@Field on ${className}.${property}${sentence}`, {
    message: className,
    field: property,
    ...details,
  });
}
