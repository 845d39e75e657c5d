import type { UnreadableMessage } from '../batch.js';
import type { ParserOptions } from '../parsing/batch-parser.js';
import { decodeUtf8 } from '../parsing/utf8.js';
import { badText, brokenRow, tooLong, wrongCount } from './bad-row.js';
import type { CsvColumns } from './csv-columns.js';
import { papaparse } from './csv-package.js';
import { type CsvScanner, plainRows, type RowPlace } from './csv-scanner.js';
import type { TextRegion } from './text-region.js';

/** The representation of values in rows. */
export interface CsvSyntax extends ParserOptions {
  readonly delimiter: string;
}

/** Splits the rows found by the scanner into values. */
export class CsvValues {
  private readonly parse: (text: string) => string[][];

  constructor(private readonly syntax: CsvSyntax) {
    const { Parser } = papaparse();
    const parser = new Parser({ delimiter: syntax.delimiter, newline: '\n', quoteChar: '"' });
    this.parse = (text) => parser.parse(text, 0, false).data;
  }

  /** The values of the rows of a region, and their text, if it was decoded. Blank rows are skipped. */
  of(region: TextRegion, scanner: CsvScanner, columns: CsvColumns): { values: unknown[]; text: string | undefined } {
    const { raw, maxElementBytes } = this.syntax;
    const { bytes, start, end } = region;
    const isWhole = !raw && !scanner.isFlawed && region.length <= maxElementBytes;
    const text = isWhole ? decodeUtf8(bytes, start, end) : undefined;
    const values = text === undefined ? undefined : this.ofText(region, text, scanner, columns);
    return { values: values ?? this.ofRows(region, placesOf(region, scanner), columns), text };
  }

  /** The values of one row. */
  ofRow(region: TextRegion, row: RowPlace): readonly string[] | UnreadableMessage {
    if (row.fault !== undefined) return brokenRow(region, row, this.syntax.delimiter);
    const { bytes, start } = region;
    const text = decodeUtf8(bytes, start + row.from, start + row.to);
    return text === undefined ? badText(region, row) : this.parse(`${text}\n`)[0]!;
  }

  /** Undefined if the package finds other rows than the scanner: then each row is parsed on its own. */
  private ofText(region: TextRegion, text: string, scanner: CsvScanner, columns: CsvColumns): unknown[] | undefined {
    const { count, make, names } = columns;
    const { hasQuotes } = scanner;
    if (text === '') return [];
    const given = this.parse(text.endsWith('\n') ? text : `${text}\n`);
    // An empty row follows the last line end.
    const rowCount = given.length - 1;
    if (hasQuotes && rowCount !== scanner.rowCount) return undefined;
    let places: readonly RowPlace[] | undefined;
    const { hasReturns } = region;
    const values: unknown[] = [];
    for (let i = 0; i < rowCount; i++) {
      const row = given[i]!;
      if (hasReturns && (!hasQuotes || scanner.dropsReturn(i))) dropReturn(row);
      if (row.length === count && (count > 1 || row[0] !== '')) {
        values.push(make(row));
        continue;
      }
      places ??= placesOf(region, scanner);
      const place = places[i]!;
      if (place.from === place.to) continue;
      values.push(row.length === count ? make(row) : wrongCount(region, place, names, row.length));
    }
    return values;
  }

  private ofRows(region: TextRegion, rows: readonly RowPlace[], { count, make, names }: CsvColumns): unknown[] {
    const { raw, maxElementBytes } = this.syntax;
    const { bytes, start } = region;
    const values: unknown[] = [];
    for (const row of rows) {
      const { from, to } = row;
      if (from === to) continue;
      if (to - from > maxElementBytes) values.push(tooLong(region, from, to, maxElementBytes));
      else if (raw) values.push(new Uint8Array(bytes.subarray(start + from, start + to)));
      else {
        const given = this.ofRow(region, row);
        if (!Array.isArray(given)) values.push(given);
        else values.push(given.length === count ? make(given) : wrongCount(region, row, names, given.length));
      }
    }
    return values;
  }
}

/** The places of the rows in a scanned region. */
export function placesOf({ bytes, start, end }: TextRegion, scanner: CsvScanner): readonly RowPlace[] {
  if (!scanner.hasQuotes) return plainRows(bytes, start, end);
  return Array.from({ length: scanner.rowCount }, (_, i) => scanner.row(i));
}

function dropReturn(row: string[]): void {
  const last = row.length - 1;
  if (row[last]!.endsWith('\r')) row[last] = row[last]!.slice(0, -1);
}
