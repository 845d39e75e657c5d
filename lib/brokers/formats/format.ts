import type { Class } from '../../base/class.js';
import { isMessageClass, type StreamCodec, schemaOf } from '../../messages/index.js';
import type { FieldName, IsUnion } from '../../messages/init.js';
import { BrokerOptions, optionsError } from '../broker-options.js';

/** Elements are rows of CSV. Made by `csv()`. */
export interface CsvFormat {
  readonly format: 'csv';
  /**
   * True: the first row names the columns. False: the columns are the fields of the class, in order. A list: the names
   * of the columns.
   */
  readonly header: boolean | readonly string[];
  readonly delimiter: string;
}

/** Elements are lines of text. Made by `lines()`. */
export interface LinesFormat {
  readonly format: 'lines';
}

/** The format of the elements of a file, if not JSON. */
export type TextFormat = CsvFormat | LinesFormat;

/** A class with one field, of type string. */
type IsText<T> = IsUnion<FieldName<T>> extends true ? false : T[FieldName<T> & keyof T] extends string ? true : false;

/** Shown by the compiler if `lines()` is used for another class. */
export interface LinesNeedAClassWithOneStringField<T> {
  'WaterMill: lines() goes with a class of one string field': never;
  found: T;
}

/** The formats for a class. */
export type FormatFor<T> =
  | CsvFormat
  | (IsText<T> extends true ? LinesFormat : LinesFormat & LinesNeedAClassWithOneStringField<T>);

/** The layout of a CSV file. */
export interface CsvOptions {
  /**
   * `true`: the first row names the columns; names of fields, in any order; names that the class does not have are
   * ignored (in a strict class they are an error). `false`: there is no such row; the columns are the fields of the
   * class in the order of declaration. A list: there is no such row; these are the columns. Default: `true`.
   */
  readonly header?: boolean | readonly string[];
  /** The delimiter of values, one ASCII character. Default: `,`; a tab for a file whose name ends in `.tsv`. */
  readonly delimiter?: string;
}

/**
 * The format of an entry whose elements are rows of CSV, as in RFC 4180: values in double quotes may contain
 * delimiters, line ends and doubled double quotes. Files whose names end in `.csv` or `.tsv` do not need `csv()`.
 * Requires the package papaparse.
 *
 * Values are converted to the types of the class. An empty value is missing if the field is optional, null if it is
 * nullable, and the empty string in other string fields. Nested values are JSON in one value.
 *
 * @throws WaterMillError `WM_BROKER_OPTIONS` for an option that is invalid.
 * @example
 * ```ts
 * new JsonFileMessageBroker([[Reading, 'readings.txt', { format: csv({ delimiter: ';' }) }]]);
 * ```
 */
export function csv(options: CsvOptions = {}): CsvFormat {
  new BrokerOptions('csv()', options, ['header', 'delimiter'], "csv({ delimiter: ';' })");
  const { header = true, delimiter = ',' } = options;
  if (typeof header !== 'boolean') refuseUnlessNames(header);
  if (typeof delimiter !== 'string' || !/^[^"\r\n\x80-\uffff]$/.test(delimiter)) {
    refuse("The option 'delimiter'", 'one ASCII character, not a double quote or a line end', delimiter);
  }
  return Object.freeze({
    format: 'csv',
    header: Array.isArray(header) ? Object.freeze([...header]) : header,
    delimiter,
  });
}

/**
 * The format of an entry whose elements are lines of text, for a class with one field, a string. Each line is an
 * element, also an empty one, and a last line without a line end. Line ends are `\n` or `\r\n`.
 *
 * @example
 * ```ts
 * new JsonFileMessageBroker([[Line, 'access.log', { format: lines() }]]);
 * ```
 */
export function lines(): LinesFormat;
export function lines(...options: readonly unknown[]): LinesFormat {
  if (options.length > 0) throw optionsError('lines()', 'The argument', 'none: it takes no options', options[0]);
  return linesFormat;
}

const linesFormat: LinesFormat = Object.freeze({ format: 'lines' });

/** The format that a file name implies: `.csv` and `.tsv` are rows, also if compressed. */
export function csvByName(path: string): CsvFormat | undefined {
  const ending = /\.(csv|tsv)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  return ending === undefined ? undefined : csv(ending === 'tsv' ? { delimiter: '\t' } : {});
}

/** Throws for a format that was not made by `csv()` or `lines()`, and for a class that lines cannot represent. */
export function checkFormat(
  checked: BrokerOptions,
  message: Class,
  format: unknown,
  { deserializer, serializer }: StreamCodec<any>,
): void {
  const what = `The entry of ${message.name}`;
  const { format: kind } = (format ?? {}) as { readonly format?: unknown };
  if (kind !== 'lines' && !(kind === 'csv' && 'delimiter' in (format as object))) {
    checked.refuse(what, 'format: csv() or lines()', format);
  }
  if (kind === 'csv' || deserializer !== undefined || serializer !== undefined || !isMessageClass(message)) return;
  const { fields } = schemaOf(message);
  // Lines are texts without a name.
  if (fields.length === 1 && fields[0]!.type.kind === 'string') return;
  const found = fields.map(({ name, type }) => `${name}: ${type.kind}`).join(', ');
  checked.refuse(what, 'a class with one field, a string, for lines()', found);
}

/** Equal for formats that read the same. */
export function formatKey(format: TextFormat | undefined): string {
  return format === undefined ? '' : JSON.stringify(format);
}

function refuseUnlessNames(header: unknown): void {
  const expected = 'true, false, or a list of different names';
  const isName = (name: unknown): boolean => typeof name === 'string';
  const isList = Array.isArray(header) && header.length > 0 && header.every(isName);
  if (!isList || new Set(header).size < header.length) refuse("The option 'header'", expected, header);
}

function refuse(what: string, expected: string, value: unknown): never {
  throw optionsError('csv()', what, expected, value);
}
