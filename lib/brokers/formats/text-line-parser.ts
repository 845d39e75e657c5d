import type { ParserOptions } from '../parsing/batch-parser.js';
import { lineFeed, originOfBytes } from '../parsing/lines.js';
import type { TextBatch } from '../parsing/text-batch.js';
import type { TextWindow } from '../parsing/text-window.js';
import { decodeUtf8 } from '../parsing/utf8.js';
import { badText, tooLong } from './bad-row.js';
import { plainRows } from './csv-scanner.js';
import { originsOfPlaces, RowParser, type RowStart } from './row-parser.js';
import { TextRegion } from './text-region.js';

interface TextLineOptions extends ParserOptions {
  /** Makes the value of a line. Default: the line itself. */
  readonly makeValue?: (line: string) => unknown;
}

/** Parses lines of text, including empty ones. */
export class TextLineParser extends RowParser {
  /** The length of the window that contains no line end. */
  private searched = 0;

  constructor(
    start: RowStart,
    protected override readonly options: TextLineOptions,
  ) {
    super(start, options);
  }

  protected wholeLength({ bytes, start, end, length, atEnd }: TextWindow): number {
    if (atEnd) return length;
    const found = bytes.subarray(start + this.searched, end).lastIndexOf(lineFeed);
    if (found >= 0) return this.searched + found + 1;
    this.searched = length;
    return 0;
  }

  protected take(window: TextWindow, region: TextRegion): TextBatch | undefined {
    const { raw, maxElementBytes } = this.options;
    const { bytes, start, end, line, byte } = region;
    const text = raw || region.length > maxElementBytes ? undefined : decodeUtf8(bytes, start, end);
    const values = text === undefined ? this.ofBytes(region) : this.ofText(text, region.hasReturns);
    this.restart();
    if (raw)
      return this.passed(window, region, values, () =>
        values.map((value, i) => ({ ...originOfBytes(value), line: line + i + 1 })),
      );
    const copy = text === undefined ? new Uint8Array(bytes.subarray(start, end)) : undefined;
    return this.passed(window, region, values, () => {
      const kept = Buffer.from(copy ?? text!);
      const whole = new TextRegion(kept, 0, kept.length, line, byte);
      return originsOfPlaces(whole, plainRows(kept, 0, kept.length), maxElementBytes);
    });
  }

  protected restart(): void {
    this.searched = 0;
  }

  private ofText(text: string, hasReturns: boolean): unknown[] {
    const { makeValue } = this.options;
    const lines = linesOf(text, hasReturns);
    return makeValue === undefined ? lines : lines.map(makeValue);
  }

  private ofBytes(region: TextRegion): unknown[] {
    const { raw, maxElementBytes, makeValue } = this.options;
    const { bytes, start } = region;
    return plainRows(bytes, start, region.end).map(({ from, to }) => {
      if (to - from > maxElementBytes) return tooLong(region, from, to, maxElementBytes);
      if (raw) return new Uint8Array(bytes.subarray(start + from, start + to));
      const line = decodeUtf8(bytes, start + from, start + to);
      return line === undefined ? badText(region, { from, to }) : (makeValue?.(line) ?? line);
    });
  }
}

function linesOf(text: string, hasReturns: boolean): string[] {
  const lines = text.split('\n');
  // Text after the last line end is a line only if it is not empty.
  if (lines.at(-1) === '') lines.pop();
  return hasReturns ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines;
}
