/** Any class, also an abstract one. */
export type Class<T = unknown> = abstract new (...args: any[]) => T;

/** A class that can be made with `new C()`. */
export type MessageClass<T = unknown> = new (...args: any[]) => T;

export type Instances<C extends readonly Class[]> = {
  -readonly [I in keyof C]: C[I] extends Class<infer T> ? T : never;
};

/** Whether a function was written with `class`: only that can be told, a constructor function cannot. */
export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
