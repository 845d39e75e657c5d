import type { MessageClass } from '../base/class.js';

const place = Symbol.for('watermill.named-classes.1');
const home = globalThis as { [place]?: Map<string, WeakRef<MessageClass<any>>[]> };

/** On the global object, so that two copies of this library (CommonJS and ESM) share the classes. */
home[place] ??= new Map();
const classes = home[place];

/**
 * Registers the name of a class, by which another process or thread finds it: when `@Message` declares it, or without its
 * own `@Message` when it is first used.
 */
export function noteClass(name: string, message: MessageClass<any>): void {
  const known = (classes.get(name) ?? []).filter((each) => each.deref() !== undefined);
  classes.set(name, [...known, new WeakRef(message)]);
}

/** The message classes of this name, without those that another of them extends, such as the one that `alias` makes. */
export function classesNamed(name: string): MessageClass<any>[] {
  const found = (classes.get(name) ?? []).flatMap((each) => each.deref() ?? []);
  return found.filter((each) => !found.some((other) => other.prototype instanceof each));
}
