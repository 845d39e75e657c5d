import type { MessageClass } from '../base/class.js';
import type { FieldDeclaration } from './declarations.js';
import { resolveType } from './field-resolution.js';
import type { FieldType } from './field-type.js';

/** The declarations of a message class, including those of its base classes. */
export interface MessageSchema<T = any> {
  readonly name: string;
  readonly message: MessageClass<T>;
  /** Base classes first, then in the order of declaration. */
  readonly fields: readonly FieldSchema[];
  readonly strict: boolean;
  readonly codec: 'class-transformer' | undefined;
}

/** One field of a message class. */
export class FieldSchema {
  /** The name in messages. */
  readonly name: string;
  readonly property: string;
  readonly optional: boolean;
  readonly nullable: boolean;
  readonly #resolve: () => FieldType;
  #type: FieldType | undefined;

  constructor(className: string, declaration: FieldDeclaration) {
    const { property, options } = declaration;
    this.#resolve = () => resolveType(className, declaration);
    this.property = property;
    this.name = options.name ?? property;
    this.optional = options.optional === true;
    this.nullable = options.nullable === true;
    Object.freeze(this);
  }

  /** Resolved at first use, since a field may name a class that is declared further down. Throws if it is invalid. */
  get type(): FieldType {
    this.#type ??= this.#resolve();
    return this.#type;
  }
}
