import { isDateClass } from '../../../base/date.js';
import { WaterMillError } from '../../../base/watermill-error.js';

/** The compiler's metadata of a decorated method (`emitDecoratorMetadata`). */
export interface MethodMetadata {
  /** One per parameter: its class, or a substitute. Undefined without metadata. */
  readonly parameters: readonly unknown[] | undefined;
  /** The class in the return annotation; undefined for `void` and for a missing annotation. */
  readonly returns: unknown;
}

/** Read when a mill is made, so that all imports of the program have been executed. */
export function readMetadata(prototype: object, key: string | symbol): MethodMetadata {
  const reflect = Reflect as { getMetadata?(name: string, target: object, key: string | symbol): unknown };
  if (typeof reflect.getMetadata !== 'function') return { parameters: undefined, returns: undefined };
  return {
    parameters: reflect.getMetadata('design:paramtypes', prototype, key) as readonly unknown[] | undefined,
    returns: reflect.getMetadata('design:returntype', prototype, key),
  };
}

/** The error for a method without metadata, with the fix for the most likely reason. */
export function missingMetadata(
  method: string,
  needed: string,
  without = '@Process(source, { inject: […], emits: […] })',
): WaterMillError {
  const isLoaded = typeof (Reflect as { getMetadata?: unknown }).getMetadata === 'function';
  const fix = isLoaded
    ? 'Build with tsc or swc and "experimentalDecorators" and "emitDecoratorMetadata" on (esbuild and tsx write none; ' +
      'reflect-metadata must be imported before the class is declared)'
    : "reflect-metadata is not loaded: write import 'reflect-metadata' as the first line of the program";
  return new WaterMillError(
    'WM_METADATA',
    `${method}: there is no metadata of its ${needed}. ${fix}, or do without: ${without}.`,
    {
      method,
      expected: `metadata of the ${needed}`,
      found: 'none',
    },
  );
}

/** Types that do not identify a parameter, with their likely origins. */
const blanks = new Map<unknown, string>([
  [undefined, 'a class that was not defined yet (a circular import)'],
  [Object, 'an interface, a union, a type erased by `import type`, or a circular import'],
  [Function, 'a class erased by `import type`, or the type of a function'],
]);

const builtIns: readonly unknown[] = [
  Array,
  BigInt,
  Boolean,
  Error,
  Map,
  Number,
  Promise,
  RegExp,
  Set,
  String,
  Symbol,
  WeakMap,
  WeakSet,
];

/** Why a type in the metadata is nothing that a container could resolve; undefined if it is a class of the user. */
export function whyNoToken(type: unknown): string | undefined {
  const blank = blanks.get(type);
  if (blank !== undefined) return blank;
  if (builtIns.includes(type) || isDateClass(type))
    return 'a built-in type of JavaScript, of which a container has no particular instance';
  return typeof type === 'function' ? undefined : 'not a class (an enum?)';
}

/** A type in the metadata, as named in errors. */
export function printType(type: unknown): string {
  if (typeof type === 'function') return type.name || 'a class without a name';
  return type === undefined ? 'undefined' : typeof type;
}
