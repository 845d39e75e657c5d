import { compile } from '../../base/compile.js';
import { isDate } from '../../base/date.js';
import { defaultsOf } from '../defaults.js';
import { FieldProblem } from '../field-problem.js';
import type { FieldType } from '../field-type.js';
import { GeneratedCode } from '../generated-code.js';
import { type IsoUnit, isoText } from '../iso-time.js';
import { memberText } from '../members.js';
import { deepest } from '../nesting.js';
import type { FieldSchema, MessageSchema } from '../schema.js';
import { schemaOf } from '../schema.js';
import { jsonOf, jsonText, quoted } from './json-value.js';
import { plainOf } from './plain-writer.js';

/** Returns the text of a good element, or undefined for one that only `plainOf` can judge. */
export interface FastWriter {
  write(element: unknown, depth: number): string | undefined;
  /**
   * False: `write` interprets, since code must not be generated, class-transformer writes the class, or it has no
   * fields.
   */
  generated: boolean;
}

const writers = new WeakMap<MessageSchema, FastWriter>();

export function fastWriterOf(schema: MessageSchema): FastWriter {
  let writer = writers.get(schema);
  if (writer === undefined) {
    writer = {
      write: (element, depth) => orUndefined(() => jsonText(plainOf(schema, element, '', depth))),
      generated: false,
    };
    // Stored before its code is generated: a class may contain elements of itself.
    writers.set(schema, writer);
    if (schema.codec === undefined && schema.fields.length > 0) new WriterCode(schema, writer).compile();
  }
  return writer;
}

function orUndefined(write: () => string): string | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof FieldProblem) return undefined;
    throw error;
  }
}

/** Generates the code of one class's writer: the checks are inline, and any doubt is a `return undefined`. */
class WriterCode extends GeneratedCode {
  /** Whether a field that is always written came before: then the next one needs a comma, whatever was left out. */
  private comma: 'none' | 'perhaps' | 'always' = 'none';

  constructor(
    private readonly schema: MessageSchema,
    private readonly writer: FastWriter,
  ) {
    super({
      writer,
      own: Object.hasOwn,
      isArray: Array.isArray,
      isDate,
      quoted,
      isoField: (value: bigint, unit: IsoUnit) => {
        const text = isoText(value, unit);
        return text && `"${text}"`;
      },
      jsonField: (value: unknown) => orUndefined(() => jsonText(jsonOf(value, '', 'exact'))),
    });
  }

  compile(): void {
    const fields = this.schema.fields.map((field) => this.field(field)).join('\n');
    const body = `return (element, depth) => {
      if (typeof element !== 'object' || element === null || isArray(element) || depth > ${deepest}) return undefined;
      let text = '{';
      ${fields}
      return text + '}';
    };`;
    const write = compile<FastWriter['write']>(this.scope, body);
    if (write === undefined) return;
    this.writer.write = write;
    this.writer.generated = true;
  }

  private field(field: FieldSchema): string {
    const value = this.variable();
    const hasDefault = defaultsOf(this.schema).has(field.property);
    const mayMiss = field.optional && !hasDefault;
    const append = this.appending(field.name, mayMiss);
    const cases: string[] = [];
    if (mayMiss) cases.push(`if (${value} === undefined) {}`);
    if (field.optional && hasDefault && !field.nullable)
      cases.push(`if (${value} === undefined) { ${append("'null'")} }`);
    if (field.nullable || (field.type.kind === 'json' && !field.optional)) {
      cases.push(`if (${value} === null) { ${append("'null'")} }`);
    }
    cases.push(`if (${value} === null) return undefined; else { ${this.value(field.type, value, append)} }`);
    return `const ${value} = ${memberText('element', field.property)}; ${cases.join(' else ')}`;
  }

  /** Appends name and value, with a comma that is determined at generation time if possible. */
  private appending(name: string, mayMiss: boolean): (text: string) => string {
    const key = `${JSON.stringify(name)}:`;
    const before = this.comma;
    if (!mayMiss) this.comma = 'always';
    else if (before === 'none') this.comma = 'perhaps';
    if (before !== 'perhaps') {
      const lead = JSON.stringify(before === 'always' ? `,${key}` : key);
      return (text) => `text += ${lead} + ${text};`;
    }
    return (text) => `text += (text.length === 1 ? '' : ',') + ${JSON.stringify(key)} + ${text};`;
  }

  /** The code that checks the value in a variable and appends its text. */
  private value(type: FieldType, value: string, append: (text: string) => string): string {
    const checked = (condition: string, text: string): string =>
      `if (!(${condition})) return undefined; ${append(text)}`;
    switch (type.kind) {
      case 'number':
        // x - x is 0 for finite numbers only; 1 / -0 is below 0, and String(-0) would lose the sign.
        return checked(
          `typeof ${value} === 'number' && ${value} - ${value} === 0`,
          `(${value} === 0 && 1 / ${value} < 0 ? '-0' : ${value})`,
        );
      case 'string':
        return checked(`typeof ${value} === 'string'`, `quoted(${value})`);
      case 'boolean':
        return checked(`typeof ${value} === 'boolean'`, value);
      case 'bigint':
        if (type.iso !== undefined) {
          return `if (typeof ${value} !== 'bigint') return undefined; ${this.called(`isoField(${value}, '${type.iso}')`, append)}`;
        }
        return checked(`typeof ${value} === 'bigint'`, `'"' + ${value} + '"'`);
      case 'date':
        return checked(
          `isDate(${value}) && ${value}.getTime() === ${value}.getTime()`,
          `'"' + ${value}.toISOString() + '"'`,
        );
      case 'choice':
        return this.called(`${this.inScope(textsOf(type.values))}.get(${value})`, append);
      case 'json':
        return this.called(`jsonField(${value})`, append);
      case 'message':
        return this.called(`${this.inScope(fastWriterOf(schemaOf(type.message)))}.write(${value}, depth + 1)`, append);
      case 'array':
        return this.array(type.element, value, append);
    }
  }

  private called(call: string, append: (text: string) => string): string {
    const made = this.variable();
    return `const ${made} = ${call}; if (${made} === undefined) return undefined; ${append(made)}`;
  }

  private array(element: FieldType, value: string, append: (text: string) => string): string {
    const [list, index, item] = [this.variable(), this.variable(), this.variable()];
    const appendItem = (text: string): string => `${list} += (${index} === 0 ? '' : ',') + ${text};`;
    return `if (!isArray(${value})) return undefined;
      let ${list} = '[';
      for (let ${index} = 0; ${index} < ${value}.length; ${index}++) {
        const ${item} = ${value}[${index}];
        ${this.value(element, item, appendItem)}
      }
      ${append(`${list} + ']'`)}`;
  }
}

function textsOf(values: ReadonlySet<string | number | boolean>): ReadonlyMap<unknown, string> {
  return new Map([...values].map((value) => [value, jsonText(value)]));
}
