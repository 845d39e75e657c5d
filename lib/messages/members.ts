/** What an object holds under a name. What every object inherits (`toString`) is nothing; accessors of its class count. */
export function memberOf(object: any, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(object, name) ? undefined : object[name];
}

/** Source text for `memberOf`: plain access, since only names that every object has need the question. `own` is Object.hasOwn. */
export function memberText(variable: string, name: string): string {
  const key = JSON.stringify(name);
  return name in Object.prototype
    ? `(own(${variable}, ${key}) ? ${variable}[${key}] : undefined)`
    : `${variable}[${key}]`;
}

/** Whether an object is of no class (from whatever realm): what JSON.parse and object literals make. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
