import { isDateClass } from '../base/date.js';
import type { EnumObject, FieldType } from './field-type.js';
import { isNamedType, typeOfReference } from './field-type.js';

/** What the compiler's metadata shows of an annotation (`design:type`). */
export type Annotation = Function | EnumObject | undefined;

/** The type that an annotation alone shows, or undefined: Object, Function and Array may be many. */
export function typeOfAnnotation(annotation: Annotation): FieldType | undefined {
  return annotation === Object ? undefined : typeOfReference(annotation);
}

/** Whether a field of this type cannot hold what its annotation says. An annotation that says nothing contradicts nothing. */
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

/** A type as its annotation would be written. */
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
