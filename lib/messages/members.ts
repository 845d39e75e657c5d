/** The value of a member. Members that every object inherits (`toString`) do not count; accessors of its class do. */
export function memberOf(object: any, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(object, name) ? undefined : object[name];
}

/** The code for `memberOf`: a plain access, except for names that every object has. `own` is Object.hasOwn. */
export function memberText(variable: string, name: string): string {
  const key = JSON.stringify(name);
  return name in Object.prototype
    ? `(own(${variable}, ${key}) ? ${variable}[${key}] : undefined)`
    : `${variable}[${key}]`;
}

/** Returns whether an object has no class (in any realm), like those of JSON.parse and object literals. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
