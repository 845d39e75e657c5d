const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

/** Where a row stands, without its line end. */
export interface RowPlace {
  readonly from: number;
  readonly to: number;
  /** Why it is not CSV, if it is not. */
  readonly fault: RowFault | undefined;
  /** A carriage return before its line end is no part of a value in quotes. */
  readonly dropsReturn: boolean;
}

/** What is wrong with a row, and where: something follows a closing quote, or the quote there is never closed. */
export interface RowFault {
  readonly at: number;
  readonly kind: 'behind quote' | 'open quote';
}

/** In a row: before a value, in one without quotes, in quotes, behind a quote in quotes, behind a closing one, behind a fault. */
type State = 'field' | 'plain' | 'quoted' | 'quote' | 'closed' | 'broken';

/**
 * Finds where rows of CSV end: at a line feed that is not in quotes. It goes on where it stopped, so that a row that comes in
 * many pieces is looked at once. Offsets count from where the text begins that is not yet taken.
 */
export class CsvScanner {
  /** Behind the last whole row. */
  cut = 0;
  /** There are quotes: then `rows` has every whole row. Otherwise each line is one. */
  hasQuotes = false;
  readonly rows: RowPlace[] = [];
  /** One of the whole rows is not CSV. */
  isFlawed = false;
  private state: State = 'field';
  private at = 0;
  private rowFrom = 0;
  /** Where the value in quotes begins that was met last. */
  private opened = 0;
  private fault: RowFault | undefined;
  /** There is a value in quotes in the row. */
  private isQuoted = false;

  constructor(private readonly delimiter: number) {}

  /** Looks at what has come, from `start` to `end`; `atEnd`: nothing comes after it, so that what is left is a row. */
  scan(bytes: Buffer, start: number, end: number, atEnd: boolean): void {
    const from = start + this.at;
    this.hasQuotes ||= bytes.subarray(from, end).indexOf(quote) >= 0;
    if (this.hasQuotes) this.passQuoted(bytes, start, end);
    else this.passPlain(bytes, start, from, end);
    this.at = end - start;
    if (atEnd && this.at > this.rowFrom) this.finish(bytes, start);
  }

  /** The whole rows were taken. */
  taken(): void {
    const { cut } = this;
    this.at -= cut;
    this.opened -= cut;
    if (this.fault !== undefined) this.fault = { ...this.fault, at: this.fault.at - cut };
    this.hasQuotes = this.isQuoted;
    this.isFlawed = false;
    this.cut = this.rowFrom = this.rows.length = 0;
  }

  /** Forgets the row that is not whole: the text begins anew. */
  restart(): void {
    this.at = this.cut;
    this.state = 'field';
    this.isQuoted = false;
    this.fault = undefined;
    this.taken();
  }

  private passPlain(bytes: Buffer, start: number, from: number, end: number): void {
    const last = bytes.subarray(from, end).lastIndexOf(lineFeed);
    if (last >= 0) this.cut = this.rowFrom = from + last + 1 - start;
    if (from === end) return;
    const before = bytes[end - 1];
    this.state = before === this.delimiter || before === lineFeed ? 'field' : 'plain';
  }

  private passQuoted(bytes: Buffer, start: number, end: number): void {
    for (let at = start + this.at; at < end; at++) {
      if (this.state === 'quoted') {
        const found = bytes.subarray(at, end).indexOf(quote);
        if (found < 0) return;
        at += found;
        this.state = 'quote';
      } else if (bytes[at] === lineFeed) this.endRow(bytes, start, at - start);
      else this.step(bytes[at]!, at - start);
    }
  }

  private step(byte: number, at: number): void {
    const { state } = this;
    if (state === 'broken') return;
    if (state === 'quote' && byte === quote) this.state = 'quoted';
    else if (byte === this.delimiter) this.state = 'field';
    else if (state === 'field' && byte === quote) {
      this.state = 'quoted';
      this.isQuoted = true;
      this.opened = at;
    } else if (state === 'field' || state === 'plain') this.state = 'plain';
    else if (byte === space || byte === tab || byte === carriageReturn) this.state = 'closed';
    else {
      this.state = 'broken';
      this.fault = { at, kind: 'behind quote' };
    }
  }

  private endRow(bytes: Buffer, start: number, at: number): void {
    const from = this.rowFrom;
    const hasReturn = at > from && bytes[start + at - 1] === carriageReturn;
    const dropsReturn = hasReturn && this.state === 'plain';
    this.rows.push({ from, to: hasReturn ? at - 1 : at, fault: this.fault, dropsReturn });
    this.isFlawed ||= this.fault !== undefined;
    this.cut = this.rowFrom = at + 1;
    this.state = 'field';
    this.isQuoted = false;
    this.fault = undefined;
  }

  private finish(bytes: Buffer, start: number): void {
    const { at } = this;
    if (this.state === 'quoted') this.fault = { at: this.opened, kind: 'open quote' };
    if (this.hasQuotes) this.endRow(bytes, start, at);
    this.cut = this.rowFrom = at;
  }
}

/** The rows of some text without quotes: its lines. */
export function plainRows(bytes: Buffer, start: number, end: number): RowPlace[] {
  const rows: RowPlace[] = [];
  for (let from = start; from < end; ) {
    const found = bytes.subarray(from, end).indexOf(lineFeed);
    const next = found < 0 ? end : from + found;
    const dropsReturn = next > from && bytes[next - 1] === carriageReturn;
    rows.push({ from: from - start, to: (dropsReturn ? next - 1 : next) - start, fault: undefined, dropsReturn });
    from = next + 1;
  }
  return rows;
}
