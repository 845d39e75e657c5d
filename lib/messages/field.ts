import { WaterMillError } from '../base/watermill-error.js';
import type { Annotation } from './annotation.js';
import { printAnnotation, typeOfAnnotation } from './annotation.js';
import type { FieldDeclaration, FieldOptions } from './declarations.js';
import { declarations } from './declarations.js';
import { checkFieldOptions, refuseUncalled } from './field-options.js';
import { resolveType } from './field-resolution.js';
import type { TypeReference } from './field-type.js';
import { isNamedType } from './field-type.js';

/**
 * Declares a data member of a message class: it is read from messages, checked, and written.
 *
 * The type comes from a plain annotation (`n!: number`, `string`, `boolean`, `bigint`, `Date`, a message class). Types
 * that the compiler's metadata does not contain must be named: unions, arrays, enums, free JSON, defaults without
 * annotation, and all types if the build tool emits no metadata (esbuild, tsx).
 *
 * - `@Field(() => Number, { nullable: true })` null is a value
 * - `@Field(() => [Item])`, `@Field(() => [[Number]])` arrays; null is never an element
 * - `@Field(() => Color)` an enum or a constant object; `@Field({ oneOf: ['a', 'b'] })` these values only
 * - `@Field(() => Object)` any JSON, at most 1,000 deep, else unchecked when read; it must be plain JSON when written
 * - `@Field({ name: 'time_from' })` another name in messages
 * - `@Field({ optional: true })` missing or null reads as `undefined`, which is not written
 *
 * A field with an initial value in the class (`@Field(() => Number) size = 3`) may be missing and keeps that value. If
 * it is also `optional`, null sets it to `undefined`, and `undefined` is written as null, so that it is read back
 * equal.
 *
 * In JSON: a number is finite; a bigint is written as a decimal string and read from one or from an integer up to
 * 2^53 - 1; a Date is written as an ISO 8601 string and read from one (a time needs its zone) or from milliseconds
 * since 1970. A fraction of a millisecond, which a Date cannot represent, is refused.
 *
 * - `@Field(() => BigInt, { iso: 'us' })`, or `'ns'`: ISO 8601 as a bigint of micro- or nanoseconds since 1970
 * - `@Field(() => Date, { fraction: 'cut' })` uses the millisecond at or before it
 *
 * It can be called as a plain function, too: `Field(() => Number)(C.prototype, 'time')`.
 *
 * @throws WaterMillError when the class is declared: the named type contradicts the annotation, the annotation is not
 * sufficient, an option is unknown, or name and options are invalid. A class that is declared further down is checked
 * at its first use.
 * @example
 * ```ts
 * @Message()
 * class Pose {
 *   @Field() time!: number;
 *   @Field(() => [Number]) joints!: number[];
 *   @Field({ optional: true }) note?: string;
 * }
 * ```
 */
export function Field(options?: FieldOptions): (target: object, key: string) => void;
export function Field(type: () => TypeReference, options?: FieldOptions): (target: object, key: string) => void;
export function Field(first?: FieldOptions | (() => TypeReference), second?: FieldOptions) {
  if (first === undefined) refuseStandardDecorator(second);
  refuseUncalled(first, second);
  const reference = typeof first === 'function' ? first : undefined;
  // Options that follow other options would be lost.
  const given = reference === undefined && second === undefined ? first : second;
  const options = Object.freeze({ ...given });
  return (target: object, key: string): void => {
    refuseStandardDecorator(key);
    checkFieldOptions({ className: nameOfClass(target), property: String(key) }, given);
    checkPlace(target, key, options);
    const annotation = annotationOf(target, key);
    const declaration: FieldDeclaration = { property: key, options, reference, annotation };
    checkType(target, declaration);
    const own = declarations.fields.get(target) ?? new Map<string, FieldDeclaration>();
    declarations.fields.set(target, own.set(key, declaration));
  };
}

function annotationOf(target: object, key: string): Annotation {
  return (Reflect as any).getMetadata?.('design:type', target, key);
}

/** A static member is on the class itself. */
function nameOfClass(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}

/** The compiler passes a context object instead of the name if `experimentalDecorators` is off. */
function refuseStandardDecorator(key: unknown): void {
  if (typeof key !== 'object' || key === null || !('kind' in key)) return;
  const { name } = key as { name?: unknown };
  throw new WaterMillError(
    'WM_FIELD_PLACE',
    `@Field on ${String(name)} was applied as a decorator of the newer standard, which does not show the class. Set ` +
      '"experimentalDecorators": true and "emitDecoratorMetadata": true in the tsconfig.json that your build reads.',
    { field: String(name) },
  );
}

function checkPlace(target: object, key: unknown, options: FieldOptions): void {
  const className = nameOfClass(target);
  const refuse = (why: string, fix: string): never => {
    throw new WaterMillError('WM_FIELD_PLACE', `@Field on ${className}.${String(key)}: ${why}. ${fix}`, {
      message: className,
      field: String(key),
    });
  };
  if (typeof target === 'function') refuse('a static member is not a field of an element', 'Remove @Field.');
  if (typeof key !== 'string') refuse('a symbol has no name in JSON', 'Give the field a name.');
  const name = options.name ?? key;
  for (const used of [key, name]) {
    if (used === '__proto__' || used === '') refuse(`a field cannot be called "${used}"`, 'Choose another name.');
  }
  if (key === 'constructor') refuse('every object has its class there', 'Give it another name, with { name }.');
  if (declarations.sealed.has(target)) {
    refuse('the class is already in use', 'Declare all fields before the class is first used.');
  }
}

/** Options are checked immediately, while the stack still points to the class. */
function checkType(target: object, declaration: FieldDeclaration): void {
  const className = target.constructor.name;
  const { reference, annotation, options, property } = declaration;
  if (reference !== undefined) {
    if (isNamedType(reference) || /^class\b/.test(Function.prototype.toString.call(reference))) {
      const named = (reference as Function).name;
      throw new WaterMillError(
        'WM_FIELD_TYPE',
        `@Field on ${className}.${property}: it takes a function that returns the type. Write @Field(() => ${named}).`,
        { message: className, field: property },
      );
    }
    if (!namesNothingYet(reference)) resolveType(className, declaration);
  } else if (options.oneOf !== undefined || typeOfAnnotation(annotation) !== undefined) {
    resolveType(className, declaration);
  } else {
    throw nothingSaid(target, declaration);
  }
}

/** A class that is declared further down is undefined, or throws on access; its field is checked at first use. */
function namesNothingYet(reference: () => TypeReference): boolean {
  try {
    const named: unknown = reference();
    return named === undefined || (Array.isArray(named) && named.flat(Number.POSITIVE_INFINITY).includes(undefined));
  } catch {
    return true;
  }
}

function nothingSaid(target: object, { property, annotation, options }: FieldDeclaration): WaterMillError {
  const className = target.constructor.name;
  const [why, fix] = whyNothing(target, property, annotation, options);
  return new WaterMillError('WM_FIELD_TYPE_UNKNOWN', `@Field on ${className}.${property}: ${why}. ${fix}.`, {
    message: className,
    field: property,
    expected: 'a type that can be read',
    found: annotation === undefined ? 'no metadata' : printAnnotation(annotation),
  });
}

function whyNothing(
  target: object,
  property: string,
  annotation: Annotation,
  options: FieldOptions,
): [why: string, fix: string] {
  const metadata = Reflect as { getMetadata?: unknown; hasMetadata?: (...args: unknown[]) => boolean };
  const nameIt = (type: string): string => `Name the type: ${printCall(type, options)}`;
  if (metadata.getMetadata === undefined) {
    const why = 'its type is not known, since reflect-metadata is not loaded';
    return [
      why,
      `Put import 'reflect-metadata' before every other import, or name the type: ${printCall('Number', options)}`,
    ];
  }
  if (annotation === Array) return ['the annotation does not show what is in the array', nameIt('[Item]')];
  if (annotation === Object || annotation === Function) {
    const seen = printAnnotation(annotation);
    return [
      `the annotation shows only ${seen} (a union, an interface, import type, or no annotation)`,
      'Name the type: of string | null @Field(() => String, { nullable: true }), of number | undefined ' +
        '@Field(() => Number, { optional: true }), of any JSON @Field(() => Object)',
    ];
  }
  if (annotation !== undefined) {
    return [`no field can hold ${printAnnotation(annotation)}`, 'Give it a type that JSON can show'];
  }
  if (metadata.hasMetadata?.('design:type', target, property)) {
    return ['its class was not defined yet (a circular import?)', nameIt('TheClass')];
  }
  return [
    'the compiler emitted no metadata (emitDecoratorMetadata is off, or the tool has none: esbuild, tsx)',
    nameIt('Number'),
  ];
}

function printCall(type: string, options: FieldOptions): string {
  const said = Object.entries(options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `@Field(() => ${type}${said.length > 0 ? `, { ${said.join(', ')} }` : ''})`;
}
