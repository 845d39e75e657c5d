import type { MessageClass } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { accessorsOf, isAssignable, keeps } from '../assigning.js';
import { copyValue } from '../copy.js';
import { defaultsOf, sharedDefaultsOf } from '../defaults.js';
import { FieldProblem } from '../field-problem.js';
import type { FieldType } from '../field-type.js';
import { GeneratedCode } from '../generated-code.js';
import { isPlainObject, memberText } from '../members.js';
import { deepest, isTooDeep } from '../nesting.js';
import { bigintOf, dateOf, instantOf } from '../scalars.js';
import type { FieldSchema, MessageSchema } from '../schema.js';
import { schemaOf } from '../schema.js';
import { numberOf, valueOfText } from '../text-value.js';
import { undeclaredMembers } from '../undeclared.js';
import { isWritable } from '../writing/plain-writer.js';
import type { Naming } from './naming.js';
import { namesOf } from './naming.js';
import { readMessage } from './value-reader.js';

export type Reader = (value: unknown) => any;

/**
 * The reader of one class, as used by those of other classes: returns undefined for a value that only `readMessage` can
 * judge.
 */
interface Link {
  read(value: unknown, depth: number): object | undefined;
  /** Like `read`, for a whole message: undefined values are passed to `readMessage` immediately. */
  whole: Reader | undefined;
}

const links: Readonly<Record<Naming, WeakMap<MessageSchema, Link>>> = {
  wire: new WeakMap(),
  property: new WeakMap(),
  either: new WeakMap(),
  text: new WeakMap(),
};

/** Makes a reader with its own machine code; undefined if code must not be generated. */
export function generatedReader(schema: MessageSchema, naming: Naming): Reader | undefined {
  return linkOf(schema, naming).whole;
}

function linkOf(schema: MessageSchema, naming: Naming): Link {
  let link = links[naming].get(schema);
  if (link === undefined) {
    link = { read: (value, depth) => attempt(schema, value, naming, depth), whole: undefined };
    // Stored before its code is generated: a class may contain elements of itself.
    links[naming].set(schema, link);
    if (canGenerate(schema, naming) && isAssignable(schema)) new ReaderCode(schema, naming, link).compile();
  }
  return link;
}

function attempt(schema: MessageSchema, value: unknown, naming: Naming, depth: number): object | undefined {
  try {
    return readMessage(schema, value, naming, '', depth);
  } catch (error) {
    if (error instanceof FieldProblem) return undefined;
    throw error;
  }
}

function canGenerate(schema: MessageSchema, naming: Naming): boolean {
  if (naming === 'property') return true;
  if (schema.codec === 'class-transformer') return false;
  const properties = new Set(schema.fields.map((field) => field.property));
  // If a wire name is the property of another field, the origin of the object matters.
  return naming !== 'either' || !schema.fields.some(({ name, property }) => name !== property && properties.has(name));
}

/** Generates the code of one class's reader: the checks are inline, and any doubt is a `return undefined`. */
class ReaderCode extends GeneratedCode {
  constructor(
    private readonly schema: MessageSchema,
    private readonly naming: Naming,
    private readonly link: Link,
  ) {
    super({
      link,
      C: schema.message,
      own: Object.hasOwn,
      isArray: Array.isArray,
      isTooDeep,
      isPlainObject,
      keeps,
      copyValue,
      dateOf,
      bigintOf,
      instantOf,
      numberOf,
      valueOfText,
      isWritable: (element: object) => isWritable(schema, element),
      slow: (value: unknown) => readMessage(schema, value, naming),
      known: new Set(schema.fields.flatMap((field) => namesOf(field, naming))),
    });
  }

  compile(): void {
    const fields = this.schema.fields.map((field) => this.field(field)).join('\n');
    const unknown = 'for (const key in value) if (!known.has(key)) return undefined;';
    const body = `
      link.read = (value, depth) => {
        if (value instanceof C) return ${this.naming === 'property' ? 'isWritable(value) ? value : undefined' : 'value'};
        if (typeof value !== 'object' || value === null || isArray(value) || depth > ${deepest}) return undefined;
        ${this.undeclared()}
        const element = new C();
        ${fields}
        ${this.schema.strict || this.schema.fields.length === 0 ? unknown : ''}
        return element;
      };
      const read = link.read;
      return (value) => {
        let element;
        // Whatever the class's own code throws, the interpreter reports the field.
        try { element = read(value, 0); } catch {}
        return element === undefined ? slow(value) : element;
      };`;
    this.link.whole = compile<Reader>(this.scope, body);
  }

  private field(field: FieldSchema): string {
    const input = this.variable();
    const [first, second] = namesOf(field, this.naming);
    const conversion = this.naming === 'text' ? this.conversion(field, input) : '';
    const fallback =
      second === undefined ? '' : `if (${input} === undefined) ${input} = ${memberText('value', second)};`;
    const target = `element[${JSON.stringify(field.property)}]`;
    const store = this.storing(field.property, target);
    const hasDefault = defaultsOf(this.schema).has(field.property);
    const cases: string[] = [];
    const isShared = sharedDefaultsOf(this.schema).has(field.property);
    const missing = isShared ? store(`copyValue(${target})`) : '';
    if (field.optional || hasDefault) cases.push(`if (${input} === undefined) { ${missing} }`);
    if (field.nullable) cases.push(`if (${input} === null) { ${store('null')} }`);
    else if (field.optional) cases.push(`if (${input} === null) { ${hasDefault ? store('undefined') : ''} }`);
    cases.push(`{ ${this.value(field.type, input, store)} }`);
    return `let ${input} = ${memberText('value', first!)}; ${conversion}${fallback} ${cases.join(' else ')}`;
  }

  /** The code that converts the text in a variable to the field's value. Most texts are numbers and strings. */
  private conversion(field: FieldSchema, input: string): string {
    const { type, optional, nullable } = field;
    if (type.kind !== 'string' && type.kind !== 'number')
      return `${input} = valueOfText(${this.inScope(field)}, ${input});`;
    const empty = optional || nullable ? `${input} === '' ? ${optional ? 'undefined' : 'null'} : ` : '';
    if (type.kind === 'number')
      return `if (typeof ${input} === 'string') ${input} = ${empty}numberOf(${input}) ?? ${input};`;
    return empty === '' ? '' : `${input} = ${empty}${input};`;
  }

  /** Values of the class's own code are checked again. */
  private storing(property: string, target: string): (text: string) => string {
    if (!accessorsOf(this.schema).has(property)) return (text) => `${target} = ${text};`;
    const stored = this.variable();
    return (text) =>
      `const ${stored} = ${text}; ${target} = ${stored}; if (!keeps(${target}, ${stored})) return undefined;`;
  }

  /** Members without `@Field`, which messages must not have either. */
  private undeclared(): string {
    const conditions = undeclaredMembers(this.schema).map((name) => `${memberText('value', name)} !== undefined`);
    return conditions.length === 0 ? '' : `if ((${conditions.join(' || ')}) && isPlainObject(value)) return undefined;`;
  }

  /** The code that checks the value in a variable and stores it in the field. */
  private value(type: FieldType, input: string, store: (text: string) => string): string {
    const refuseIf = (condition: string): string => `if (${condition}) return undefined;`;
    const convert = (call: string): string => {
      const made = this.variable();
      return `const ${made} = ${call}; ${refuseIf(`${made} === undefined`)} ${store(made)}`;
    };
    switch (type.kind) {
      case 'number':
        // x - x is 0 for finite numbers only: one subtraction instead of a call.
        return `${refuseIf(`typeof ${input} !== 'number' || ${input} - ${input} !== 0`)} ${store(input)}`;
      case 'string':
      case 'boolean':
        return `${refuseIf(`typeof ${input} !== '${type.kind}'`)} ${store(input)}`;
      case 'choice':
        return `${refuseIf(`!${this.inScope(type.values)}.has(${input})`)} ${store(input)}`;
      case 'json':
        return `${refuseIf(`${input} === undefined || typeof ${input} === 'object' && isTooDeep(${input})`)} ${store(input)}`;
      case 'bigint':
        return convert(
          type.iso === undefined ? `bigintOf(${input})` : `instantOf(${input}, '${type.iso}', ${type.cuts === true})`,
        );
      case 'date':
        return convert(`dateOf(${input}, ${type.cuts === true})`);
      case 'message':
        return convert(`${this.inScope(this.linkOf(type.message))}.read(${input}, depth + 1)`);
      case 'array':
        return this.array(type.element, input, store);
    }
  }

  /** The contents of a text are JSON. */
  private linkOf(message: MessageClass<any>): Link {
    return linkOf(schemaOf(message), this.naming === 'text' ? 'wire' : this.naming);
  }

  private array(element: FieldType, input: string, store: (text: string) => string): string {
    const [list, index, item] = [this.variable(), this.variable(), this.variable()];
    return `if (!isArray(${input})) return undefined;
      const ${list} = [];
      for (let ${index} = 0; ${index} < ${input}.length; ${index}++) {
        const ${item} = ${input}[${index}];
        ${this.value(element, item, (text) => `${list}.push(${text});`)}
      }
      ${store(list)}`;
  }
}
