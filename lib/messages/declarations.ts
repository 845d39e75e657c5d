import type { EnumObject, TypeReference } from './field-type.js';

/** The options of a field. */
export interface FieldOptions {
  /** The name in messages, if it differs from that of the property. Default: the property's name. */
  name?: string;
  /** Missing or null reads as `undefined`, and `undefined` is not written. Default: false; the field is required. */
  optional?: boolean;
  /** null is a valid value, and is read and written as null. Default: false; null is refused. */
  nullable?: boolean;
  /** The only valid values (strings, numbers or booleans). */
  oneOf?: readonly (string | number | boolean)[];
  /**
   * For a Date field, or one with `iso`: digits beyond its resolution are cut off, towards the past (`…59.9995Z` and
   * -0.5 are both -1 ms). Default: such a message is refused, since cutting would make different instants equal.
   */
  fraction?: 'cut';
  /**
   * For a bigint field: in messages it is an ISO 8601 string with a time zone and at most six (`us`) or nine (`ns`)
   * fractional digits; in memory it is the number of micro- or nanoseconds since 1970. Written in UTC with all digits.
   */
  iso?: 'us' | 'ns';
}

/** The options of a message class. A class that extends a message class inherits them unless it sets its own. */
export interface MessageOptions {
  /** The name of the class in streams, plans and commits. Default: the class's own name. */
  name?: string;
  /** Messages with fields that the class does not declare are refused. Default: false; they are ignored. */
  strict?: boolean;
  /** class-transformer reads and writes the class by its own decorators; fields with `@Field` are still checked. */
  codec?: 'class-transformer';
}

/** The arguments of `@Field`, and the compiler's metadata. */
export interface FieldDeclaration {
  readonly property: string;
  readonly options: FieldOptions;
  /** Returns the named type; undefined to use the annotation. Called late: the class may be declared further down. */
  readonly reference: (() => TypeReference) | undefined;
  /** `design:type`: a class, an enum object (swc), or undefined without metadata. */
  readonly annotation: Function | EnumObject | undefined;
}

interface Declarations {
  /** By prototype: the fields that this class itself declares. */
  readonly fields: WeakMap<object, Map<string, FieldDeclaration>>;
  /** By class: the options of its own `@Message`. */
  readonly messages: WeakMap<object, MessageOptions>;
  /** Prototypes whose fields are in use: no more can be added. */
  readonly sealed: WeakSet<object>;
}

const place = Symbol.for('watermill.declarations.1');
const home = globalThis as { [place]?: Declarations };

/** On the global object, so that two copies of this library (CommonJS and ESM) share the declarations. */
home[place] ??= { fields: new WeakMap(), messages: new WeakMap(), sealed: new WeakSet() };
export const declarations: Declarations = home[place];

/** A prototype and its ancestors, the farthest first, without Object's. */
export function lineage(prototype: object): object[] {
  const line: object[] = [];
  for (let at: any = prototype; at !== null && Object.getPrototypeOf(at) !== null; at = Object.getPrototypeOf(at)) {
    line.unshift(at);
  }
  return line;
}
