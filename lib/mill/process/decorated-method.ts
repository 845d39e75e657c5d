import { WaterMillError } from '../../base/watermill-error.js';

/** Throws if a decorator is used on anything but an instance method, or as a standard decorator. */
export function expectMethod(
  decorator: string,
  target: object,
  key: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): void {
  expectLegacyDecorator(decorator, key);
  const place = `${classNameOf(target)}.${String(key)}`;
  if (typeof target === 'function') {
    throw misuse(
      `${decorator} on ${place}: it is a static method; the mill calls a method of an instance. Remove \`static\`.`,
    );
  }
  if (typeof descriptor?.value !== 'function') {
    throw misuse(
      `${decorator} on ${place}: expected a method, found ${found(descriptor)}. Write it as a method: \`${String(key)}(…) { … }\`.`,
    );
  }
}

/**
 * Without parentheses a decorator is called with the method itself, and its return value is ignored: nothing would be
 * marked.
 */
export function refuseUncalled(decorator: string, given: readonly unknown[]): void {
  const [target, key] = given;
  expectLegacyDecorator(decorator, key);
  if ((typeof key !== 'string' && typeof key !== 'symbol') || typeof target !== 'object' || target === null) return;
  throw misuse(
    `${decorator} on ${classNameOf(target)}.${String(key)} is written without parentheses. Write ${decorator}.`,
  );
}

/** The compiler passes a context object instead of the name if `experimentalDecorators` is off. */
export function expectLegacyDecorator(decorator: string, key: unknown): void {
  if (typeof key !== 'object' || key === null || !('kind' in key)) return;
  throw misuse(
    `${decorator} was applied as a decorator of the newer standard, which has no parameter types. Set ` +
      '"experimentalDecorators": true and "emitDecoratorMetadata": true in the tsconfig.json that your build reads.',
  );
}

/** The class of a decorator's target: a prototype, or the class itself for static members. */
export function classNameOf(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}

function found(descriptor: PropertyDescriptor | undefined): string {
  if (descriptor === undefined) return 'a property';
  return descriptor.get !== undefined || descriptor.set !== undefined ? 'an accessor' : 'a value';
}

export function misuse(sentence: string): WaterMillError {
  return new WaterMillError('WM_PROCESS_DECORATOR', sentence);
}
