import type { NumberRows } from '../../messages/index.js';
import { UnreadableMessage } from '../batch.js';
import { badLine, countCharacters, type LinePlace, placeText, tooLarge } from './bad-element.js';
import type { BatchParser, ParserOptions } from './batch-parser.js';
import { eachLine, endOfSolid, lineFeed, originOfBytes, originsOfLines } from './lines.js';
import { NumberReader } from './number-reader.js';
import { describeCharacter, isSpace } from './strict-json.js';
import { type FileMark, nothingToLocate, TextBatch } from './text-batch.js';
import { pieceBytes, type TextWindow } from './text-window.js';
import { decodeUtf8 } from './utf8.js';

const space = 0x20;

/** The place at which the text of a line parser starts. */
export interface LineStart {
  /** The index of the next element. */
  readonly index: number;
  /** The number of lines that end before the text. */
  readonly line: number;
  /** The number of characters skipped in the first line. */
  readonly passed: number;
  /** The offset of the line end before the text; in the first line, the beginning of the file. */
  readonly separator: number;
}

interface Held extends LinePlace {
  readonly value: unknown;
  readonly raw: Uint8Array;
}

/**
 * Parses elements that are one line each (NDJSON). Blank lines are skipped; a bad line does not affect the lines after
 * it. Only the last part is kept of long white space around an element, and of an element that is too large.
 */
export class LineParser implements BatchParser {
  private index: number;
  private line: number;
  private passed: number;
  private separator: number;
  /** The length of the window that contains no line end. */
  private searched = 0;
  /** The length of the window up to its last character that is not white space. */
  private solid = 0;
  /** The length of the window at the last check whether its element is complete. */
  private tried = 0;
  /** A complete element, followed by much white space. */
  private held: Held | undefined;
  /** The rest of the line belongs to a bad message that was returned already. */
  private skipping = false;
  private readonly numbers: NumberReader | undefined;

  constructor(
    start: LineStart,
    private readonly options: ParserOptions,
  ) {
    this.index = start.index;
    this.line = start.line;
    this.passed = start.passed;
    this.separator = start.separator;
    if (options.numbers) this.numbers = new NumberReader('line');
  }

  next(window: TextWindow): TextBatch | undefined {
    if (this.held !== undefined) return this.afterHeld(window, this.held);
    if (this.skipping && !this.skipRest(window)) return window.atEnd ? this.batch([], this.mark(), true) : undefined;
    const { bytes, start, end, atEnd } = window;
    const found = bytes.subarray(start + this.searched, end).lastIndexOf(lineFeed);
    if (found < 0 && !atEnd) return this.unfinished(window);
    const to = atEnd ? end : start + this.searched + found;
    const batch = this.readLines(window, to);
    if (atEnd) window.start = end;
    else this.beginLine(window, to);
    return batch.count > 0 || atEnd ? batch : undefined;
  }

  private readLines(window: TextWindow, to: number): TextBatch {
    const { bytes, start, atEnd } = window;
    const { raw, maxElementBytes } = this.options;
    const [mark, line, byte] = [this.mark(), this.line, window.offsetOf(start)];
    const rows = to - start > maxElementBytes ? undefined : this.readRows(window, to);
    if (rows !== undefined) {
      const copy = new Uint8Array(bytes.subarray(start, to));
      return this.batch(rows, mark, atEnd, () => originsOfLines(copy, line, byte, maxElementBytes));
    }
    const text = raw || to - start > maxElementBytes ? undefined : decodeUtf8(bytes, start, to);
    if (text !== undefined) {
      const values = this.readText(window, text, to);
      return this.batch(values, mark, atEnd, () => originsOfLines(Buffer.from(text), line, byte, maxElementBytes));
    }
    const lines: number[] = [];
    const values = this.readBytes(window, to, lines);
    if (raw)
      return this.batch(values, mark, atEnd, () =>
        values.map((value, i) => ({ ...originOfBytes(value), line: lines[i]! })),
      );
    const copy = new Uint8Array(bytes.subarray(start, to));
    return this.batch(values, mark, atEnd, () => originsOfLines(copy, line, byte, maxElementBytes));
  }

  /** For text in which every line is an object of numbers. */
  private readRows({ bytes, start }: TextWindow, to: number): NumberRows | undefined {
    const rows = this.numbers?.read(bytes, start, to);
    if (rows !== undefined) this.line += rows.count - (bytes[to - 1] === lineFeed ? 0 : 1);
    return rows;
  }

  private readText(window: TextWindow, text: string, to: number): unknown[] {
    const { bytes, start } = window;
    const values: unknown[] = [];
    const isOneByte = text.length === to - start;
    // The last offset whose byte is known: bytes are counted from there, so that many bad lines take one pass.
    let [knownCharacter, knownByte] = [0, start];
    for (let begin = 0; ; begin++) {
      if (text.charCodeAt(begin) <= space) begin = this.passBlank(text, begin);
      if (begin >= text.length) return values;
      const found = text.indexOf('\n', begin);
      const value = parseJson(found < 0 ? text.slice(begin) : text.slice(begin, found));
      if (value === undefined) {
        knownByte += isOneByte ? begin - knownCharacter : Buffer.byteLength(text.slice(knownCharacter, begin));
        knownCharacter = begin;
        const lineEnd = bytes.subarray(knownByte, to).indexOf(lineFeed);
        const lineTo = endOfSolid(bytes, knownByte, lineEnd < 0 ? to : knownByte + lineEnd);
        values.push(this.badLine(window, knownByte, lineTo));
      } else values.push(value);
      if (found < 0) return values;
      begin = found;
      this.line++;
    }
  }

  /** Skips blank lines and white space. Returns the offset of the next other character. */
  private passBlank(text: string, from: number): number {
    let at = from;
    for (; isSpace(text.charCodeAt(at)); at++) if (text.charCodeAt(at) === lineFeed) this.line++;
    return at;
  }

  /**
   * Reads line by line, if the text as a whole is not UTF-8 or too long, or if bytes are requested. Adds the number of
   * each line to `lines`.
   */
  private readBytes(window: TextWindow, to: number, lines: number[]): unknown[] {
    const { bytes } = window;
    const { raw, maxElementBytes } = this.options;
    const values: unknown[] = [];
    const before = this.line;
    const ends = eachLine(bytes, window.start, to, (begin, end, nth, lineBegin, lineEnd) => {
      this.line = before + nth;
      lines.push(this.line + 1);
      const isLong = (raw ? lineEnd - lineBegin : end - begin) > maxElementBytes;
      if (isLong) values.push(this.tooLarge(window, begin, end));
      else if (raw) values.push(new Uint8Array(bytes.subarray(lineBegin, lineEnd)));
      else {
        const text = decodeUtf8(bytes, begin, end);
        const value = text === undefined ? undefined : parseJson(text);
        values.push(value === undefined ? this.badLine(window, begin, end) : value);
      }
    });
    this.line = before + ends;
    return values;
  }

  /** Handles a window without a complete line. */
  private unfinished(window: TextWindow): TextBatch | undefined {
    const { raw, maxElementBytes } = this.options;
    // If bytes are requested, white space is part of them, until it is too long to be an element.
    if (this.solid === 0 && (!raw || window.length > maxElementBytes)) this.passSpace(window);
    const known = window.start + this.searched;
    const solidEnd = endOfSolid(window.bytes, known, window.end);
    if (solidEnd > known) this.solid = solidEnd - window.start;
    this.searched = window.length;
    if (this.solid === 0) return undefined;
    const length = raw ? this.passed + window.length : this.solid;
    if (length > maxElementBytes) return this.skip(window);
    const spaces = window.length - this.solid;
    if (!raw && spaces >= pieceBytes && window.length >= 2 * this.tried) this.hold(window);
    return undefined;
  }

  private passSpace(window: TextWindow): void {
    const { bytes, start, end } = window;
    while (window.start < end && isSpace(bytes[window.start]!) && bytes[window.start] !== lineFeed) window.start++;
    this.passed += window.start - start;
    this.searched = Math.max(0, this.searched - (window.start - start));
  }

  /** Returns a bad message for the line in the window, and skips the rest of it. */
  private skip(window: TextWindow): TextBatch {
    const { start, end } = window;
    const byte = window.offsetOf(start);
    const message = this.tooLarge(window, start, end);
    const place = { raw: message.raw as Uint8Array, line: this.line + 1, byte };
    window.start = end;
    this.skipping = true;
    return this.batch([message], this.mark(), false, () => [place]);
  }

  /** Skips text of the current line. Returns whether the line ends in the window. */
  private skipRest(window: TextWindow): boolean {
    const found = window.bytes.subarray(window.start, window.end).indexOf(lineFeed);
    if (found < 0) window.start = window.end;
    else this.beginLine(window, window.start + found);
    return found >= 0;
  }

  /** Takes the element out of the window if the line is complete except for endless white space. */
  private hold(window: TextWindow): void {
    this.tried = window.length;
    const { bytes, start } = window;
    const end = start + this.solid;
    const text = decodeUtf8(bytes, start, end);
    const value = text === undefined ? undefined : parseJson(text);
    if (value === undefined) return;
    this.held = { ...this.place(window, start), value, raw: new Uint8Array(bytes.subarray(start, end)) };
    this.passed += countCharacters(bytes, start, end);
    window.start = end;
  }

  private afterHeld(window: TextWindow, held: Held): TextBatch | undefined {
    this.passSpace(window);
    const { bytes, start, end } = window;
    if (start === end && !window.atEnd) return undefined;
    const isWhole = start === end || bytes[start] === lineFeed;
    const { value, raw, line, byte } = held;
    const found = isWhole ? '' : describeCharacter(bytes, start, end);
    const where = placeText(this.place(window, start));
    const bad = new UnreadableMessage(raw, `${where}: expected the end of the line, found ${found}.`);
    this.held = undefined;
    this.skipping = !isWhole;
    const batch = this.batch([isWhole ? value : bad], this.mark(), start === end, () => [{ raw, line, byte }]);
    if (isWhole && start < end) this.beginLine(window, start);
    return batch;
  }

  /** Starts a new line after the line end at this offset. */
  private beginLine(window: TextWindow, at: number): void {
    this.line++;
    this.separator = window.offsetOf(at);
    window.start = at + 1;
    this.passed = this.searched = this.solid = this.tried = 0;
    this.skipping = false;
  }

  private badLine(window: TextWindow, from: number, to: number): UnreadableMessage {
    return badLine(window.bytes, from, to, this.place(window, from));
  }

  private tooLarge(window: TextWindow, from: number, to: number): UnreadableMessage {
    const where = placeText(this.place(window, from));
    return tooLarge(window.bytes, from, to, this.options.maxElementBytes, where);
  }

  /** The place of an element. Only white space precedes it on its line. */
  private place(window: TextWindow, at: number): LinePlace {
    const { bytes, start } = window;
    let lineBegin = at;
    while (lineBegin > start && bytes[lineBegin - 1] !== lineFeed) lineBegin--;
    const passed = lineBegin === start ? this.passed : 0;
    return { line: this.line + 1, column: passed + at - lineBegin + 1, byte: window.offsetOf(at) };
  }

  private mark(): FileMark {
    return { index: this.index, byte: this.separator, line: this.line };
  }

  private batch(
    values: readonly unknown[] | NumberRows,
    mark: FileMark,
    end: boolean,
    locate = nothingToLocate,
  ): TextBatch {
    const batch = new TextBatch(values, mark.index, mark, end, locate);
    this.index = mark.index + batch.count;
    return batch;
  }
}

/** Undefined if it is not JSON: no JSON value is undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
