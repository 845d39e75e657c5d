import type { UnreadableMessage } from '../batch.js';
import { headOf } from '../parsing/bad-element.js';
import type { BatchParser, ParserOptions } from '../parsing/batch-parser.js';
import { refuseForeignContent } from '../parsing/foreign-content.js';
import { lineFeed } from '../parsing/lines.js';
import { type FileMark, nothingToLocate, TextBatch, type ValueOrigins } from '../parsing/text-batch.js';
import type { TextWindow } from '../parsing/text-window.js';
import { tooLong } from './bad-row.js';
import type { RowPlace } from './csv-scanner.js';
import { TextRegion } from './text-region.js';

/** The place at which the text of a parser of rows or lines starts. */
export interface RowStart {
  /** The index of the next element. */
  readonly index: number;
  /** The number of lines that end before the text. */
  readonly line: number;
  /** The offset of the line end before the text; undefined at the beginning of the file. */
  readonly separator: number | undefined;
}

export const firstRow: RowStart = { index: 0, line: 0, separator: undefined };

/**
 * The common part of the parsers of rows and lines: elements end with a line feed, and an element that is too large is
 * skipped up to one.
 */
export abstract class RowParser implements BatchParser {
  private index: number;
  private line: number;
  private separator: number;
  private begins: boolean;
  /** The rest of the line belongs to a bad message that was returned already. */
  private skipping = false;

  constructor(
    { index, line, separator }: RowStart,
    protected readonly options: ParserOptions,
  ) {
    this.index = index;
    this.line = line;
    this.separator = separator ?? 0;
    this.begins = separator === undefined;
  }

  next(window: TextWindow): TextBatch | undefined {
    if (this.begins && !window.passByteOrderMark()) return undefined;
    if (this.begins && !this.options.raw) refuseForeignContent(window);
    this.begins = false;
    if (this.skipping && !this.skipRest(window)) return window.atEnd ? this.batch([], true) : undefined;
    const length = this.wholeLength(window);
    if (length > 0 || window.atEnd) return this.take(window, this.region(window, length));
    return window.length > this.options.maxElementBytes ? this.skip(window) : undefined;
  }

  /** The length of the complete rows in the window. */
  protected abstract wholeLength(window: TextWindow): number;

  /** Takes complete rows; undefined if they contained no elements. */
  protected abstract take(window: TextWindow, region: TextRegion): TextBatch | undefined;

  /** Called when the scanned text was taken, or when the text starts over with a row. */
  protected abstract restart(): void;

  /** Called before an element that is too large becomes a bad message. */
  protected refuseTooLarge(_message: UnreadableMessage, _byte: number): void {}

  /** The first `length` bytes of the window. */
  protected region(window: TextWindow, length: number): TextRegion {
    const { bytes, start } = window;
    return new TextRegion(bytes, start, start + length, this.line, window.offsetOf(start));
  }

  /** Takes a region. Returns the batch of its values, if there are any. */
  protected passed(
    window: TextWindow,
    region: TextRegion,
    values: readonly unknown[],
    locate: () => ValueOrigins,
  ): TextBatch | undefined {
    const mark = this.mark();
    this.pass(window, region);
    return values.length > 0 || window.atEnd ? this.batch(values, window.atEnd, locate, mark) : undefined;
  }

  /** Skips a region without elements. */
  protected pass(window: TextWindow, region: TextRegion): void {
    this.line = region.linesBefore;
    if (region.length > 0) this.separator = window.offsetOf(region.end - 1);
    window.start = region.end;
  }

  private batch(
    values: readonly unknown[],
    end: boolean,
    locate: () => ValueOrigins = nothingToLocate,
    mark: FileMark = this.mark(),
  ): TextBatch {
    this.index = mark.index + values.length;
    return new TextBatch(values, mark.index, mark, end, locate);
  }

  /** Returns a bad message for the window, and skips the rest of its line. */
  private skip(window: TextWindow): TextBatch {
    const region = this.region(window, window.length);
    const { line, byte } = region;
    const message = tooLong(region, 0, window.length, this.options.maxElementBytes);
    this.refuseTooLarge(message, byte);
    const mark = this.mark();
    this.line = region.linesBefore;
    window.start = window.end;
    this.skipping = true;
    return this.batch([message], false, () => [{ raw: message.raw as Uint8Array, line: line + 1, byte }], mark);
  }

  /** Skips text of the current line. Returns whether the line ends in the window. */
  private skipRest(window: TextWindow): boolean {
    const found = window.bytes.subarray(window.start, window.end).indexOf(lineFeed);
    if (found < 0) {
      window.start = window.end;
      return false;
    }
    this.line++;
    this.separator = window.offsetOf(window.start + found);
    window.start += found + 1;
    this.skipping = false;
    this.restart();
    return true;
  }

  private mark(): FileMark {
    return { index: this.index, byte: this.separator, line: this.line };
  }
}

/** The places of the rows in a region, with their bytes. */
export function originsOfPlaces(
  region: TextRegion,
  rows: readonly Pick<RowPlace, 'from' | 'to'>[],
  maxElementBytes: number,
): ValueOrigins {
  const { bytes, start } = region;
  return rows.map(({ from, to }) => {
    const [begin, end] = [start + from, start + to];
    const raw = to - from > maxElementBytes ? headOf(bytes, begin, end) : bytes.subarray(begin, end);
    const { line, byte } = region.placeOf(begin);
    return { raw, line, byte };
  });
}
