import type { MessageClass } from '../../base/class.js';
import type { Batch } from '../../brokers/batch.js';
import type { CsvFormat } from '../../brokers/formats/format.js';
import { type FileFormat, formatByName } from '../../brokers/parsing/file-format.js';
import type { Key } from '../../expressions/key.js';
import { CsvFile } from '../csv-file.js';
import { type KeyOfValue, keyOfRows, keyOfValues, neededColumns, readerFor } from '../element-keys.js';
import { readBatches } from '../file-elements.js';

/** The text between and around the elements of a file. */
export interface Frame {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  /** The contents of a file without elements. */
  readonly empty: string;
}

/** A file to sort. */
export interface SortSource {
  batches(): AsyncIterable<Batch>;
  /** The text of an element in one line, for a run. */
  lineOf(batch: Batch, index: number): string;
  keyOf(batch: Batch, index: number): Key;
  /** The text of an element for the output. */
  textOf(line: string): string;
  /** Known once everything was read. */
  frame(output: string | undefined): Frame;
}

/** The text of an element, unchanged. The parser of the file has checked that it is UTF-8. */
function textAt(batch: Batch, index: number): string {
  const { raw } = batch.origin?.(index) ?? {};
  return typeof raw === 'string' ? raw : Buffer.from(raw as Uint8Array).toString();
}

/** A JSON array or NDJSON. */
export class JsonSource implements SortSource {
  private readonly key: KeyOfValue;
  private readonly read: (value: unknown) => unknown;
  /** The format of the file, if it has elements; by its name before that is known. */
  private format: FileFormat;

  constructor(
    private readonly file: string,
    by: string,
    message: MessageClass<any> | undefined,
  ) {
    this.format = formatByName(file);
    this.key = keyOfValues(by, message);
    this.read = readerFor(message);
  }

  async *batches(): AsyncIterable<Batch> {
    for await (const batch of readBatches(this.file)) {
      if (batch.values.length > 0) this.format = batch.origin?.(0)?.line === undefined ? 'array' : 'ndjson';
      yield batch;
    }
  }

  /** Line ends in JSON are between tokens, never inside strings. */
  lineOf(batch: Batch, index: number): string {
    const text = textAt(batch, index);
    return /[\r\n]/.test(text) ? text.replace(/\s*[\r\n]\s*/g, ' ') : text;
  }

  keyOf({ values }: Batch, index: number): Key {
    return this.key(this.read(values[index]));
  }

  textOf(line: string): string {
    return line;
  }

  /** A name may ask for the other format. */
  frame(output: string | undefined): Frame {
    const isNamed = output !== undefined && /\.(json|ndjson|jsonl)$/i.test(output);
    return (isNamed ? formatByName(output) : this.format) === 'array'
      ? { before: '[\n', between: ',\n', after: '\n]\n', empty: '[]\n' }
      : { before: '', between: '\n', after: '\n', empty: '' };
  }
}

/** Rows of CSV: the row that names the columns stays first, and the text of each row is unchanged. */
export class CsvSource implements SortSource {
  private constructor(
    private readonly file: CsvFile,
    private readonly key: KeyOfValue,
    private readonly read: (value: unknown) => unknown,
  ) {}

  static async open(
    file: string,
    format: CsvFormat,
    by: string,
    message: MessageClass<any> | undefined,
  ): Promise<CsvSource> {
    const rows = new CsvFile(file, format, message, neededColumns(by, message));
    return new CsvSource(rows, await keyOfRows(rows, by, message), readerFor(message, true));
  }

  batches(): AsyncIterable<Batch> {
    return this.file.batches();
  }

  /** Quoted values may contain line ends, which separate the lines of a run. */
  lineOf(batch: Batch, index: number): string {
    const text = textAt(batch, index);
    return /[\\\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : text;
  }

  keyOf({ values }: Batch, index: number): Key {
    return this.key(this.read(values[index]));
  }

  textOf(line: string): string {
    return line.includes('\\') ? line.replace(/\\(.)/g, (_, each) => (each === 'n' ? '\n' : each)) : line;
  }

  frame(): Frame {
    const { header = '' } = this.file;
    const end = header.endsWith('\r\n') ? '\r\n' : '\n';
    const before = header === '' || header.endsWith('\n') ? header : `${header}${end}`;
    return { before, between: end, after: end, empty: before };
  }
}
