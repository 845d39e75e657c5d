import type { Class } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { accessorsOf, isAssignable } from '../assigning.js';
import type { StreamCodec } from '../codec.js';
import type { NumberRows } from '../number-rows.js';
import { checkedSchemaOf, type MessageSchema } from '../schema.js';
import { undeclaredMembers } from '../undeclared.js';

/** Appends the elements of the rows from one index up to another. What its class throws, it throws. */
export type RowReader = (rows: NumberRows, from: number, to: number, elements: object[]) => void;

/**
 * Whether all that a class has is read from numbers as they are: then a broker may return rows of numbers in place of
 * values, of which `rowReaderOf` makes elements.
 */
export function readsNumbers(message: Class, codec?: StreamCodec<any>): boolean {
  if (codec?.deserializer !== undefined || codec?.raw === true) return false;
  const schema = checkedSchemaOf(message);
  const { fields } = schema;
  const isPlain = schema.codec === undefined && isAssignable(schema) && accessorsOf(schema).size === 0;
  return isPlain && fields.length > 0 && fields.every(({ type }) => type.kind === 'number');
}

/**
 * The function that makes elements of rows with these members: the same ones that the reader makes of their objects.
 * Undefined if an object needs a closer look, or where code may not be generated: then the reader decides.
 */
export function rowReaderOf(message: Class, names: readonly string[]): RowReader | undefined {
  const schema = checkedSchemaOf(message);
  const { fields } = schema;
  // A member that is missing may have to be, a strict class counts them all, and what is not declared may be refused.
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
