const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

/** The place of a row, without its line end. */
export interface RowPlace {
  readonly from: number;
  readonly to: number;
  /** Why the row is not valid CSV; undefined if it is. */
  readonly fault?: RowFault | undefined;
}

/** The fault of a row, and its place: text follows a closing quote, or the quote at this place is never closed. */
export interface RowFault {
  readonly at: number;
  readonly kind: 'after quote' | 'open quote';
}

/** The states within a row. Numbers, since they are checked for every byte. */
const beforeValue = 0;
const inPlain = 1;
const inQuotes = 2;
const afterQuote = 3;
const afterValue = 4;
const afterFault = 5;

/** For each row: its start, its end, and whether a carriage return before its line end is outside of quotes. */
const numbersPerRow = 3;

/**
 * Finds the ends of CSV rows: line feeds outside of quotes. It continues where it stopped, so that a row that arrives
 * in many pieces is scanned once. Offsets are relative to the start of the text that is not taken yet.
 */
export class CsvScanner {
  /** The offset after the last complete row. */
  cut = 0;
  /** The text contains quotes: then `rowCount` complete rows are known. Otherwise each line is a row. */
  hasQuotes = false;
  rowCount = 0;
  private numbers = new Int32Array(numbersPerRow * 1024);
  /** By row. */
  private readonly faults = new Map<number, RowFault>();
  private state = beforeValue;
  private at = 0;
  private rowFrom = 0;
  /** The offset of the last opening quote. */
  private opened = 0;
  private fault: RowFault | undefined;
  /** The current row contains a quoted value. */
  private isQuoted = false;

  constructor(private readonly delimiter: number) {}

  /** One of the complete rows is not valid CSV. */
  get isFlawed(): boolean {
    return this.faults.size > 0;
  }

  /** Scans new text, from `start` to `end`. `atEnd`: nothing follows, so the rest is a row. */
  scan(bytes: Buffer, start: number, end: number, atEnd: boolean): void {
    const from = start + this.at;
    this.hasQuotes ||= bytes.subarray(from, end).indexOf(quote) >= 0;
    if (this.hasQuotes) this.passQuoted(bytes, start, from, end);
    else this.passPlain(bytes, start, from, end);
    this.at = end - start;
    if (atEnd && this.at > this.rowFrom) this.finish(bytes, start);
  }

  /** A complete row of a text with quotes. */
  row(index: number): RowPlace {
    const at = index * numbersPerRow;
    return { from: this.numbers[at]!, to: this.numbers[at + 1]!, fault: this.faults.get(index) };
  }

  dropsReturn(index: number): boolean {
    return this.numbers[index * numbersPerRow + 2] === 1;
  }

  /** Notes that the complete rows were taken. */
  taken(): void {
    const { cut } = this;
    this.at -= cut;
    this.opened -= cut;
    if (this.fault !== undefined) this.fault = { ...this.fault, at: this.fault.at - cut };
    this.hasQuotes = this.isQuoted;
    this.faults.clear();
    this.cut = this.rowFrom = this.rowCount = 0;
  }

  /** Drops the incomplete row: the text starts over. */
  restart(): void {
    this.at = this.cut;
    this.state = beforeValue;
    this.isQuoted = false;
    this.fault = undefined;
    this.taken();
  }

  private passPlain(bytes: Buffer, start: number, from: number, end: number): void {
    const last = bytes.subarray(from, end).lastIndexOf(lineFeed);
    if (last >= 0) this.cut = this.rowFrom = from + last + 1 - start;
    if (from === end) return;
    const before = bytes[end - 1];
    this.state = before === this.delimiter || before === lineFeed ? beforeValue : inPlain;
  }

  private passQuoted(bytes: Buffer, start: number, from: number, end: number): void {
    const { delimiter } = this;
    let { state } = this;
    for (let at = from; at < end; at++) {
      let byte = bytes[at]!;
      if (state === inQuotes) {
        while (byte !== quote && ++at < end) byte = bytes[at]!;
        if (at < end) state = afterQuote;
      } else if (byte === lineFeed) {
        this.endRow(bytes, start, at - start, state);
        state = beforeValue;
      } else if (state === afterQuote && byte === quote) state = inQuotes;
      else if (state === afterFault) continue;
      else if (byte === delimiter) state = beforeValue;
      else if (state === beforeValue && byte === quote) {
        state = inQuotes;
        this.isQuoted = true;
        this.opened = at - start;
      } else if (state <= inPlain) state = inPlain;
      else if (byte === space || byte === tab || byte === carriageReturn) state = afterValue;
      else {
        state = afterFault;
        this.fault = { at: at - start, kind: 'after quote' };
      }
    }
    this.state = state;
  }

  private endRow(bytes: Buffer, start: number, at: number, state: number): void {
    const from = this.rowFrom;
    const hasReturn = at > from && bytes[start + at - 1] === carriageReturn;
    const next = this.rowCount * numbersPerRow;
    if (next === this.numbers.length) this.grow();
    this.numbers[next] = from;
    this.numbers[next + 1] = hasReturn ? at - 1 : at;
    this.numbers[next + 2] = hasReturn && state === inPlain ? 1 : 0;
    if (this.fault !== undefined) this.faults.set(this.rowCount, this.fault);
    this.rowCount++;
    this.cut = this.rowFrom = at + 1;
    this.isQuoted = false;
    this.fault = undefined;
  }

  private finish(bytes: Buffer, start: number): void {
    const { at } = this;
    if (this.state === inQuotes) this.fault = { at: this.opened, kind: 'open quote' };
    if (this.hasQuotes) this.endRow(bytes, start, at, this.state);
    this.cut = this.rowFrom = at;
    this.state = beforeValue;
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.numbers.length);
    larger.set(this.numbers);
    this.numbers = larger;
  }
}

/** The rows of a text without quotes: its lines. */
export function plainRows(bytes: Buffer, start: number, end: number): RowPlace[] {
  const rows: RowPlace[] = [];
  for (let from = start; from < end; ) {
    const found = bytes.subarray(from, end).indexOf(lineFeed);
    const next = found < 0 ? end : from + found;
    const to = next > from && bytes[next - 1] === carriageReturn ? next - 1 : next;
    rows.push({ from: from - start, to: to - start });
    from = next + 1;
  }
  return rows;
}

/** The offset of a carriage return outside of quotes that is used as the only line end; undefined if there is none. */
export function bareReturn(bytes: Uint8Array, from: number, to: number): number | undefined {
  let isQuoted = false;
  for (let at = from; at < to - 1; at++) {
    if (bytes[at] === quote) isQuoted = !isQuoted;
    else if (bytes[at] === carriageReturn && !isQuoted) return at;
  }
  return undefined;
}
