import type { Class } from '../../base/class.js';
import { quotedText } from '../../base/shown-text.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { defaultsOf } from '../../messages/defaults.js';
import { type FieldSchema, type MessageSchema, type StreamCodec, schemaOf } from '../../messages/index.js';

const mostListed = 400;

/** A stream of rows or lines. */
export interface RowStream {
  readonly path: string;
  readonly message: Class<any>;
  readonly codec: StreamCodec<any> | undefined;
}

/** Throws if rows with these columns cannot be elements of the class. With a deserializer, any columns are accepted. */
export function checkColumns({ path, message, codec }: RowStream, names: readonly string[]): void {
  const schema = schemaOf(message);
  const refuse = (expected: string, found: string, advice: string): never => {
    throw new WaterMillError(
      'WM_CSV_HEADER',
      `The columns of ${path} do not fit ${schema.name}: expected ${expected}, found ${found}. ${advice}`,
      { message: schema.name, stream: path, expected, found },
    );
  };
  const twice = firstRepeated(names);
  if (twice !== undefined) refuse('a name for each column', `${quotedText(twice)} twice`, 'Rename one of them.');
  if (codec?.deserializer !== undefined || codec?.raw === true) return;
  const known = schema.fields.map(({ name }) => name);
  const missing = schema.fields.find((field) => isNeeded(schema, field) && !names.includes(field.name));
  if (missing !== undefined) {
    refuse(`a column ${quotedText(missing.name)}`, listOf(names), adviceFor(missing, names));
  }
  const others = names.filter((name) => !known.includes(name));
  for (const name of known.filter((each) => !names.includes(each))) {
    const meant = similarTo(name, others);
    if (meant !== undefined) refuse(`a column ${quotedText(name)}`, quotedText(meant), renaming(meant));
  }
  const unknown = schema.strict ? others[0] : undefined;
  if (unknown !== undefined) {
    const advice = `${schema.name} is strict: add a field for that column, or leave out strict.`;
    refuse(`no other columns than ${known.join(', ')}`, quotedText(unknown), advice);
  }
  if (others.length === names.length) {
    refuse(`at least one of ${known.join(', ')}`, listOf(names), noHeader);
  }
}

const noHeader =
  'If the first row is data, name the columns: format: csv({ header: [...] }). If another character is between the values, name that: csv({ delimiter }).';

/** Several columns may be without a name. */
function firstRepeated(names: readonly string[]): string | undefined {
  const before = new Set<string>();
  return names.find((name) => name !== '' && before.size === before.add(name).size);
}

function isNeeded(schema: MessageSchema, field: FieldSchema): boolean {
  return !field.optional && !defaultsOf(schema).has(field.property);
}

function adviceFor({ name }: FieldSchema, names: readonly string[]): string {
  const similar = similarTo(name, names);
  if (similar !== undefined) return renaming(similar);
  return `${noHeader} If the column may be missing, declare the field so: @Field({ optional: true }).`;
}

/** The column that differs from a name only in case, white space, `_` and `-`. */
function similarTo(name: string, columns: readonly string[]): string | undefined {
  const folded = (text: string): string => text.replace(/[\s_-]/g, '').toLowerCase();
  return columns.find((column) => folded(column) === folded(name));
}

function renaming(column: string): string {
  return `Rename the column, or the field: @Field({ name: ${quotedText(column)} }).`;
}

function listOf(names: readonly string[]): string {
  const list = names.map((name) => quotedText(name)).join(', ');
  return list.length > mostListed ? `${list.slice(0, mostListed)}…` : list;
}
