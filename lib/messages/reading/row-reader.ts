import type { Class } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { accessorsOf, isAssignable } from '../assigning.js';
import type { StreamCodec } from '../codec.js';
import type { NumberRows } from '../number-rows.js';
import { checkedSchemaOf, type MessageSchema } from '../schema.js';
import { undeclaredMembers } from '../undeclared.js';

/** Appends the elements of the rows from one index to another. Rethrows errors of the class. */
export type RowReader = (rows: NumberRows, from: number, to: number, elements: object[]) => void;

/**
 * Returns whether all fields of a class are read from plain numbers: then a broker may return rows of numbers instead
 * of values, and `rowReaderOf` makes the elements.
 */
export function readsNumbers(message: Class, codec?: StreamCodec<any>): boolean {
  if (codec?.deserializer !== undefined || codec?.raw === true) return false;
  const schema = checkedSchemaOf(message);
  const { fields } = schema;
  const isPlain = schema.codec === undefined && isAssignable(schema) && accessorsOf(schema).size === 0;
  return isPlain && fields.length > 0 && fields.every(({ type }) => type.kind === 'number');
}

/**
 * Returns the function that makes elements from rows with these members, equal to those that the reader makes from
 * their objects. Undefined if an object needs further checks, or if code must not be generated: then use the reader.
 */
export function rowReaderOf(message: Class, names: readonly string[]): RowReader | undefined {
  const schema = checkedSchemaOf(message);
  const { fields } = schema;
  // A missing member may be required, a strict class refuses additional ones, and undeclared ones may be refused.
  if (!readsNumbers(message) || fields.some(({ name }) => !names.includes(name))) return undefined;
  if (isRefused(schema, names)) return undefined;
  const stores = fields.map(
    ({ name, property }) => `element[${JSON.stringify(property)}] = cells[cell + ${names.indexOf(name)}];`,
  );
  const body = `return ({ cells }, from, to, elements) => {
    for (let row = from, cell = from * ${names.length}; row < to; row++, cell += ${names.length}) {
      const element = new C();
      ${stores.join('\n')}
      elements.push(element);
    }
  };`;
  return compile<RowReader>({ C: schema.message }, body);
}

function isRefused(schema: MessageSchema, names: readonly string[]): boolean {
  if (schema.strict && names.length > schema.fields.length) return true;
  return undeclaredMembers(schema).some((member) => names.includes(member));
}
