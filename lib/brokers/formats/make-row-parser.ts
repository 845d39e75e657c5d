import { schemaOf } from '../../messages/index.js';
import type { ParserOptions } from '../parsing/batch-parser.js';
import { checkColumns, type RowStream } from './check-columns.js';
import { CsvColumns } from './csv-columns.js';
import { CsvParser } from './csv-parser.js';
import type { CsvFormat, TextFormat } from './format.js';
import { firstRow, type RowParser, type RowStart } from './row-parser.js';
import { TextLineParser } from './text-line-parser.js';

/** Makes the parser of a file from a place on, with the columns of its first row if that was read already. */
export type MakeRowParser = (start?: RowStart, columns?: readonly string[]) => RowParser;

/** Returns the function that makes the parsers for the rows or lines of a stream. */
export function rowParserOf(format: TextFormat, stream: RowStream, options: ParserOptions): MakeRowParser {
  if (format.format === 'lines')
    return (start = firstRow) => new TextLineParser(start, { ...options, ...lineOf(stream) });
  const { delimiter } = format;
  const check = (names: readonly string[]): void => checkColumns(stream, names);
  const named = columnsOf(format, stream);
  return (start = firstRow, columns = named) =>
    new CsvParser(start, { ...options, delimiter, columns, checkColumns: check });
}

/** The columns if no row names them. */
export function columnsOf(
  { header }: CsvFormat,
  { message }: Pick<RowStream, 'message'>,
): readonly string[] | undefined {
  if (header === true) return undefined;
  return header === false ? schemaOf(message).fields.map(({ name }) => name) : header;
}

/** A deserializer gets the line unchanged. */
function lineOf({ message, codec }: RowStream): { readonly makeValue?: (line: string) => unknown } {
  if (codec?.deserializer !== undefined) return {};
  const { make } = CsvColumns.of(
    schemaOf(message)
      .fields.slice(0, 1)
      .map(({ name }) => name),
  );
  return { makeValue: (line) => make([line]) };
}
