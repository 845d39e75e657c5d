import type { Class } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import { CodecProblem, FieldProblem } from '../../messages/field-problem.js';
import { plainWriterOf, type StreamCodec, schemaOf, textWriterOf } from '../../messages/index.js';
import { badResultError } from '../../messages/message-errors.js';
import { optionsError } from '../broker-options.js';
import type { CsvFormat, TextFormat } from './format.js';
import { columnsOf } from './make-row-parser.js';

/** Writes elements as rows or lines, without the line feed. */
export interface RowWriter {
  readonly write: (element: any) => string;
  /** The row that names the columns; empty if there is none. */
  readonly header: string;
}

/** @throws WaterMillError `WM_BROKER_OPTIONS` if fields have no column; the writer throws `WM_BAD_RESULT`. */
export function rowWriterOf(format: TextFormat, message: Class<any>, codec?: StreamCodec<any>): RowWriter {
  return format.format === 'csv'
    ? csvWriterOf(format, message, codec)
    : { write: lineWriterOf(message, codec), header: '' };
}

function csvWriterOf(format: CsvFormat, message: Class<any>, codec?: StreamCodec<any>): RowWriter {
  const { fields, name } = schemaOf(message);
  const columns = columnsOf(format, { message }) ?? fields.map((field) => field.name);
  const left = codec?.serializer === undefined ? fields.find((field) => !columns.includes(field.name)) : undefined;
  if (left !== undefined) {
    throw optionsError(
      'csv()',
      "The option 'header'",
      `a column for every field of ${name} that is written`,
      columns,
      `Add ${left.name}.`,
    );
  }
  const { delimiter } = format;
  const needsQuotes = new RegExp(`^[\\s\\ufeff]|["\\r\\n]|\\s$|${delimiter.replace(/[^\w]/, '\\$&')}`);
  const cell = (text: string | undefined): string => {
    if (text === undefined) return '';
    return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  // An empty row would be a blank line, which is skipped.
  const row = (texts: readonly (string | undefined)[]): string => texts.map(cell).join(delimiter) || '""';
  const texts = textWriterOf(message, columns, codec);
  return { write: (element) => row(texts(element)), header: format.header === true ? `${row(columns)}\n` : '' };
}

function lineWriterOf(message: Class<any>, codec?: StreamCodec<any>): (element: unknown) => string {
  const plain = plainWriterOf(message, codec);
  const { name, fields } = schemaOf(message);
  const property = fields[0]?.name ?? '';
  const isSerialized = codec?.serializer !== undefined;
  return (element) => {
    const made = plain(element);
    const line = isSerialized ? made : (made as Record<string, Json>)[property];
    if (typeof line !== 'string') {
      throw badResultError(new CodecProblem('', 'the serializer must return a string, the line.'), name);
    }
    if (!/\n|\r$|^\ufeff/.test(line)) return line;
    const found = line.includes('\n')
      ? 'one with a line feed'
      : 'one that begins with a byte order mark or ends with a carriage return';
    throw badResultError(
      new FieldProblem(property, 'a line of text', found, 'It would be read back as another.'),
      name,
    );
  };
}
