import { shownValue } from '../base/shown-value.js';
import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Annotation } from './annotation.js';
import { contradicts, printAnnotation, printType, typeOfAnnotation } from './annotation.js';
import type { FieldDeclaration } from './declarations.js';
import type { Choice, FieldType } from './field-type.js';
import { choiceOf, typeOfReference } from './field-type.js';

/**
 * The type that a declaration determines. Throws the sentence if there is none, or if it contradicts the annotation.
 */
export function resolveType(className: string, declaration: FieldDeclaration): FieldType {
  const { property, annotation, options } = declaration;
  const named = namedType(className, declaration);
  const base = named ?? (options.oneOf === undefined ? typeOfAnnotation(annotation) : undefined);
  const type = options.oneOf === undefined ? base : restrict(className, property, base, options.oneOf);
  if (type === undefined) throw wrongType(className, property, 'the annotation names no type that can be read');
  if (contradicts(type, annotation)) throw contradiction(className, property, type, annotation);
  return inTime(className, declaration, type);
}

/** Applies `fraction` and `iso` to a type. */
function inTime(className: string, declaration: FieldDeclaration, type: FieldType): FieldType {
  const { property, options } = declaration;
  const { fraction, iso } = options;
  if (fraction === undefined && iso === undefined) return type;
  if (type.kind === 'array') return { kind: 'array', element: inTime(className, declaration, type.element) };
  const refuse = (option: string, expected: string, found: unknown): never => {
    throw new WaterMillError(
      'WM_FIELD_TIME',
      `@Field on ${className}.${property}: ${option} must be ${expected}, but is ${found}.`,
      { message: className, field: property, expected },
    );
  };
  if (fraction !== undefined && fraction !== 'cut') refuse('fraction', "'cut' or left out", shownValue(fraction));
  const cuts = fraction === 'cut';
  if (iso === undefined) {
    if (type.kind !== 'date') refuse('a field with fraction', 'a Date, or a bigint with iso', printType(type));
    return { kind: 'date', cuts };
  }
  if (iso !== 'us' && iso !== 'ns') refuse('iso', "'us' for microseconds or 'ns' for nanoseconds", shownValue(iso));
  if (type.kind !== 'bigint') refuse('a field with iso', 'a bigint: @Field(() => BigInt, { iso })', printType(type));
  return { kind: 'bigint', iso, cuts };
}

function namedType(className: string, { property, reference }: FieldDeclaration): FieldType | undefined {
  if (reference === undefined) return undefined;
  let named: unknown;
  try {
    named = reference();
  } catch (cause) {
    throw wrongType(className, property, `the function that names its type threw: ${reasonOf(cause)}`, cause);
  }
  const type = typeOfReference(named);
  if (type === undefined)
    throw wrongType(className, property, `${printReference(named)} is not a type that a field can have`);
  return type;
}

function restrict(
  className: string,
  property: string,
  base: FieldType | undefined,
  oneOf: readonly Choice[],
): FieldType {
  if (base?.kind === 'array') return { kind: 'array', element: restrict(className, property, base.element, oneOf) };
  const type = Array.isArray(oneOf) ? choiceOf(oneOf) : undefined;
  if (type === undefined || (base !== undefined && oneOf.some((value) => typeof value !== base.kind))) {
    const expected = base === undefined ? 'strings, finite numbers or booleans' : `values of type ${printType(base)}`;
    throw new WaterMillError(
      'WM_FIELD_ONE_OF',
      `@Field on ${className}.${property}: oneOf must list ${expected}, at least one; it is ${shownValue(oneOf)}.`,
      { message: className, field: property, expected },
    );
  }
  return type;
}

function wrongType(className: string, property: string, why: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_FIELD_TYPE',
    `@Field on ${className}.${property}: ${why}. Name one of Number, String, Boolean, Date, BigInt, a message class, ` +
      'an enum object with values, Object for any JSON, or an array of one of them: [Item].',
    { message: className, field: property },
    { cause },
  );
}

function contradiction(className: string, property: string, type: FieldType, annotation: Annotation): WaterMillError {
  const expected = printType(type);
  const found = printAnnotation(annotation);
  return new WaterMillError(
    'WM_FIELD_TYPE_CONTRADICTED',
    `@Field on ${className}.${property}: it is declared as ${expected}, but its annotation says ${found}. Make them agree.`,
    { message: className, field: property, expected, found },
  );
}

function printReference(reference: unknown): string {
  if (typeof reference === 'function') return reference.name;
  if (Array.isArray(reference)) return `[${reference.map(printReference).join(', ')}]`;
  if (typeof reference === 'object' && reference !== null) return 'this object';
  return reference === undefined ? 'undefined (a circular import, or an import that was erased)' : String(reference);
}
