import type { Class } from './class.js';

/**
 * What to do about a class that is not one of these, but has the name of one: without it, an error says that a class is
 * not itself. Undefined if none has its name.
 */
export function namesakeAdvice(given: unknown, known: Iterable<Class>): string | undefined {
  if (typeof given !== 'function' || given.name === '') return undefined;
  for (const each of known) {
    if (each !== given && each.name === given.name) {
      return (
        `This is another class with the name ${given.name}: there are two, or its module was loaded twice, as by ` +
        'jest.resetModules() or vi.resetModules(). Import it from the same module, loaded once'
      );
    }
  }
  return undefined;
}
