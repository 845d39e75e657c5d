/** Any class, including abstract ones. */
export type Class<T = unknown> = abstract new (...args: any[]) => T;

/** A class that can be instantiated with `new C()`. */
export type MessageClass<T = unknown> = new (...args: any[]) => T;

export type Instances<C extends readonly Class[]> = {
  -readonly [I in keyof C]: C[I] extends Class<infer T> ? T : never;
};

/** Returns whether a function was declared with `class`. Constructor functions cannot be recognized. */
export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
