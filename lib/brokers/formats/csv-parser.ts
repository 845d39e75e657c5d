import { UnreadableMessage } from '../batch.js';
import { originOfBytes } from '../parsing/lines.js';
import type { TextBatch } from '../parsing/text-batch.js';
import { TextFault } from '../parsing/text-fault.js';
import type { TextWindow } from '../parsing/text-window.js';
import { decodeUtf8 } from '../parsing/utf8.js';
import { lineFeedRemedy, lineFeedWords } from './bad-row.js';
import { CsvColumns } from './csv-columns.js';
import { bareReturn, CsvScanner } from './csv-scanner.js';
import { type CsvSyntax, CsvValues, placesOf } from './csv-values.js';
import { originsOfPlaces, RowParser, type RowStart } from './row-parser.js';
import { TextRegion } from './text-region.js';

/** The options for reading rows. */
export interface CsvParserOptions extends CsvSyntax {
  /** The names of the columns; undefined if the first row has them. */
  readonly columns: readonly string[] | undefined;
  /** Throws for names that do not fit the class. */
  readonly checkColumns: (names: readonly string[]) => void;
}

/**
 * Parses rows of CSV. This class finds the ends of rows, taking quotes into account; the package papaparse splits their
 * values. Blank lines are skipped; a bad row does not affect the rows after it.
 */
export class CsvParser extends RowParser {
  columns: CsvColumns | undefined;
  /** The row that names the columns, unchanged, with its line end and the byte order mark. */
  header: string | undefined;
  private readonly scanner: CsvScanner;
  private readonly values: CsvValues;

  constructor(
    start: RowStart,
    protected override readonly options: CsvParserOptions,
  ) {
    super(start, options);
    this.scanner = new CsvScanner(options.delimiter.charCodeAt(0));
    this.values = new CsvValues(options);
    if (options.columns !== undefined) this.setColumns(options.columns);
  }

  protected wholeLength({ bytes, start, end, atEnd }: TextWindow): number {
    this.scanner.scan(bytes, start, end, atEnd);
    return this.scanner.cut;
  }

  protected take(window: TextWindow, region: TextRegion): TextBatch | undefined {
    if (this.columns === undefined) return this.takeHeader(window, region);
    const { values, text } = this.values.of(region, this.scanner, this.columns);
    const lines = this.options.raw ? this.linesOf(region) : [];
    this.scanner.taken();
    if (this.options.raw) {
      return this.passed(window, region, values, () =>
        values.map((value, i) => ({ ...originOfBytes(value), line: lines[i] as number })),
      );
    }
    const { bytes, start, end, line, byte } = region;
    const copy = text === undefined ? new Uint8Array(bytes.subarray(start, end)) : undefined;
    return this.passed(window, region, values, () => this.originsOf(Buffer.from(copy ?? text!), line, byte));
  }

  protected restart(): void {
    this.scanner.restart();
  }

  protected override refuseTooLarge({ raw, reason }: UnreadableMessage, byte: number): void {
    if (this.columns !== undefined) return;
    const head = raw as Uint8Array;
    refuseBareReturn(head, 0, head.length, byte);
    throw noHeader(byte, reason);
  }

  /** Reads the names of the columns from the first row that is not blank. */
  private takeHeader(window: TextWindow, region: TextRegion): TextBatch | undefined {
    const rows = placesOf(region, this.scanner);
    const row = rows.find(({ from, to }) => from < to);
    if (row === undefined) {
      this.scanner.taken();
      return this.passed(window, region, [], () => []);
    }
    const { bytes, start, end } = region;
    refuseBareReturn(bytes, start + row.from, start + row.to, region.byte + row.from);
    const names = this.values.ofRow(region, row);
    if (names instanceof UnreadableMessage) throw noHeader(region.byte + (row.fault?.at ?? row.from), names.reason);
    this.setColumns(names as readonly string[]);
    const next = rows[rows.indexOf(row) + 1];
    const text = decodeUtf8(bytes, start + row.from, next === undefined ? end : start + next.from);
    this.header = window.hasByteOrderMark ? `\ufeff${text}` : text;
    this.restart();
    this.pass(window, next === undefined ? region : this.region(window, next.from));
    return this.next(window);
  }

  private setColumns(names: readonly string[]): void {
    this.options.checkColumns(names);
    this.columns = CsvColumns.of(names);
  }

  /** The first line of each scanned row. */
  private linesOf({ bytes, start, end, line, byte }: TextRegion): number[] {
    // A new region: a region counts lines forward only.
    const region = new TextRegion(bytes, start, end, line, byte);
    const rows = placesOf(region, this.scanner).filter(({ from, to }) => from < to);
    return rows.map(({ from }) => region.placeOf(start + from).line);
  }

  /** Finds the places of the rows in a text, with their bytes. */
  private originsOf(bytes: Buffer, line: number, byte: number) {
    const scanner = new CsvScanner(this.options.delimiter.charCodeAt(0));
    scanner.scan(bytes, 0, bytes.length, true);
    const region = new TextRegion(bytes, 0, bytes.length, line, byte);
    const rows = placesOf(region, scanner).filter(({ from, to }) => from < to);
    return originsOfPlaces(region, rows, this.options.maxElementBytes);
  }
}

/** Such a file would be a single row: the one that names the columns. */
function refuseBareReturn(bytes: Uint8Array, from: number, to: number, byte: number): void {
  const at = bareReturn(bytes, from, to);
  if (at !== undefined) throw new TextFault(byte + at - from, 0, ...lineFeedWords, lineFeedRemedy);
}

function noHeader(byte: number, reason: string): TextFault {
  return new TextFault(byte, 0, 'a row with the names of the columns', `one that cannot be read (${reason})`);
}
