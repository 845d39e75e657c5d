import { isDateClass } from '../base/date.js';
import type { EnumObject, FieldType } from './field-type.js';
import { isNamedType, typeOfReference } from './field-type.js';

/** An annotation as it appears in the compiler's metadata (`design:type`). */
export type Annotation = Function | EnumObject | undefined;

/** The type that an annotation determines; undefined if it is ambiguous: Object, Function, Array. */
export function typeOfAnnotation(annotation: Annotation): FieldType | undefined {
  return annotation === Object ? undefined : typeOfReference(annotation);
}

/**
 * Returns whether a field of this type cannot hold values of its annotation. A missing annotation contradicts nothing.
 */
export function contradicts(type: FieldType, annotation: Annotation): boolean {
  if (annotation === undefined || annotation === Object) return false;
  if (typeof annotation === 'object')
    return type.kind !== 'choice' && type.kind !== typeof Object.values(annotation)[0];
  switch (type.kind) {
    case 'choice':
      return ![...type.values].every((value) => Object(value).constructor === annotation);
    case 'message':
      return annotation !== Function && annotation !== type.message && !(type.message.prototype instanceof annotation);
    case 'array':
    case 'json':
      return annotation !== Array;
    default:
      return typeOfReference(annotation)?.kind !== type.kind;
  }
}

/** A type as it would be annotated. */
export function printType(type: FieldType): string {
  switch (type.kind) {
    case 'choice':
      return [...type.values].map((value) => JSON.stringify(value)).join(' | ');
    case 'message':
      return type.message.name;
    case 'array':
      return type.element.kind === 'choice' ? `(${printType(type.element)})[]` : `${printType(type.element)}[]`;
    case 'date':
      return 'Date';
    case 'json':
      return 'any JSON';
    default:
      return type.kind;
  }
}

export function printAnnotation(annotation: Annotation): string {
  if (typeof annotation !== 'function') return annotation === undefined ? 'nothing' : 'an enum';
  const isScalar = isNamedType(annotation) && !isDateClass(annotation) && annotation !== Object;
  return isScalar ? annotation.name.toLowerCase() : annotation.name;
}
