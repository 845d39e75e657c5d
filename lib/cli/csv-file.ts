import type { MessageClass } from '../base/class.js';
import { shownText } from '../base/shown-text.js';
import { thrownSentence } from '../base/thrown.js';
import type { Batch } from '../brokers/batch.js';
import { checkColumns } from '../brokers/formats/check-columns.js';
import { CsvParser } from '../brokers/formats/csv-parser.js';
import { type CsvFormat, csv, csvByName } from '../brokers/formats/format.js';
import { firstRow } from '../brokers/formats/row-parser.js';
import { defaultMaxElementBytes } from '../brokers/json-file/json-file-options.js';
import { openReader } from '../brokers/json-file/open-reader.js';
import { standardInput } from '../brokers/json-file/source/open-source.js';
import { commandError } from './command-error.js';
import { checkFile, statsOf } from './paths.js';

/** The options for files of rows. */
export interface CsvOptions {
  readonly delimiter?: string;
  readonly header?: string;
}

/** The format of a file that is CSV by its name, or because of an option about its rows. */
export function csvFormatOf(file: string, { delimiter, header }: CsvOptions): CsvFormat | undefined {
  const named = csvByName(file);
  if (delimiter === undefined && header === undefined) return named;
  const names = header?.split(',').map((name) => name.trim());
  if (names?.includes(''))
    throw commandError(`--header ${shownText(header ?? '', 200)}: expected the names of columns, as time,celsius.`);
  try {
    return csv({ delimiter: delimiter ?? named?.delimiter ?? ',', header: names ?? true });
  } catch (error) {
    throw commandError(thrownSentence(error), {}, error);
  }
}

/** A file of rows: the batches of the file broker, and the row that names the columns, unchanged. */
export class CsvFile {
  /** With its line end; undefined if there is none. Known once a batch was read. */
  header: string | undefined;

  constructor(
    readonly file: string,
    private readonly format: CsvFormat,
    /** The class that the columns must fit. */
    private readonly message: MessageClass<any> | undefined,
    /** Required columns. */
    private readonly needed: readonly string[],
  ) {
    if (file !== '-') checkFile(file);
  }

  /** Returns whether the file can be read more than once. */
  get rereads(): boolean {
    return this.file !== '-' && statsOf(this.file)?.isFile() === true;
  }

  async *batches(): AsyncIterable<Batch> {
    const { format, file } = this;
    const { delimiter, header } = format;
    const options = { raw: false, maxElementBytes: defaultMaxElementBytes };
    const columns = typeof header === 'boolean' ? undefined : header;
    const parser = (): CsvParser =>
      new CsvParser(firstRow, { ...options, delimiter, columns, checkColumns: (names) => this.check(names) });
    const rows = parser();
    const path = file === '-' ? standardInput : file;
    const input = { path, message: this.message?.name ?? 'rows', format: 'ndjson', options, rows: () => rows } as const;
    const reader = await openReader(input, undefined, new Map());
    try {
      for (;;) {
        const batch = await reader.read();
        this.header ??= rows.header;
        yield batch;
        if (batch.end) return;
      }
    } finally {
      await reader.close();
    }
  }

  private check(names: readonly string[]): void {
    const { file, message } = this;
    if (message !== undefined) checkColumns({ path: file, message, codec: undefined }, names);
    for (const name of this.needed) {
      const count = names.filter((each) => each === name).length;
      if (count === 1) continue;
      const found = count === 0 ? `has no column ${name}` : `has ${count} columns ${name}`;
      throw commandError(shownText(`${file} ${found}. Its columns are ${names.join(', ')}.`, 1_000), { column: name });
    }
  }
}
