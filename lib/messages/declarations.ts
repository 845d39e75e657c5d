import type { EnumObject, TypeReference } from './field-type.js';

/** How one field is read and written. */
export interface FieldOptions {
  /** Its name in messages, where that differs from the property's. Default: the property's. */
  name?: string;
  /** Missing or null reads as `undefined`, and `undefined` is not written. Default: false, it must be there. */
  optional?: boolean;
  /** null is a value: it is read, and written, as null. Default: false, null is refused. */
  nullable?: boolean;
  /** The only values that are let in (strings, numbers or booleans). */
  oneOf?: readonly (string | number | boolean)[];
  /**
   * Of a Date field, or one with `iso`: digits that it does not hold are cut, towards the past (`…59.9995Z` and -0.5 are
   * both -1 ms). Default: such a message is refused, since what is cut makes other instants equal.
   */
  fraction?: 'cut';
  /**
   * Of a bigint field: in messages it is an ISO 8601 string, with a zone and at most six (`us`) or nine (`ns`) digits of a
   * second; in memory it is the number of micro- or nanoseconds since 1970. Written in UTC with all its digits.
   */
  iso?: 'us' | 'ns';
}

/** How a class is read and written. A class that extends a message class takes over what it does not say. */
export interface MessageOptions {
  /** What the stream and the plan call it; commits are found again by it. Default: the class's own name. */
  name?: string;
  /** Fields that the class does not declare are refused. Default: false, they are ignored. */
  strict?: boolean;
  /** class-transformer reads and writes the class by its own decorators; fields with `@Field` are still checked. */
  codec?: 'class-transformer';
}

/** What `@Field` was given, and what the compiler's metadata said. */
export interface FieldDeclaration {
  readonly property: string;
  readonly options: FieldOptions;
  /** Returns the named type; undefined if the annotation's serves. Called late: a class may be declared further down. */
  readonly reference: (() => TypeReference) | undefined;
  /** `design:type`: a class, an enum object (swc), or undefined if there is no metadata. */
  readonly annotation: Function | EnumObject | undefined;
}

interface Declarations {
  /** By prototype: the fields that this class itself declares. */
  readonly fields: WeakMap<object, Map<string, FieldDeclaration>>;
  /** By class: the options of its own `@Message`. */
  readonly messages: WeakMap<object, MessageOptions>;
  /** Prototypes whose fields are in use: they take no more. */
  readonly sealed: WeakSet<object>;
}

const place = Symbol.for('watermill.declarations.1');
const home = globalThis as { [place]?: Declarations };

/** Kept on the global object, so that two copies of this library (CommonJS and ESM) agree about a class. */
home[place] ??= { fields: new WeakMap(), messages: new WeakMap(), sealed: new WeakSet() };
export const declarations: Declarations = home[place];

/** A prototype and those that it inherits from, the farthest first, without Object's. */
export function lineage(prototype: object): object[] {
  const line: object[] = [];
  for (let at: any = prototype; at !== null && Object.getPrototypeOf(at) !== null; at = Object.getPrototypeOf(at)) {
    line.unshift(at);
  }
  return line;
}
