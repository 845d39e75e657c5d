import type { MessageClass } from '../base/class.js';

const place = Symbol.for('watermill.named-classes.1');
const home = globalThis as { [place]?: Map<string, WeakRef<MessageClass<any>>[]> };

/** Kept on the global object, so that two copies of this library (CommonJS and ESM) agree about a class. */
home[place] ??= new Map();
const classes = home[place];

/** Notes the name of a class with `@Message`, by which it is found again in another process or thread. */
export function noteClass(name: string, message: MessageClass<any>): void {
  const known = (classes.get(name) ?? []).filter((each) => each.deref() !== undefined);
  classes.set(name, [...known, new WeakRef(message)]);
}

/** The classes with `@Message` of this name. */
export function classesNamed(name: string): MessageClass<any>[] {
  return (classes.get(name) ?? []).flatMap((each) => each.deref() ?? []);
}
