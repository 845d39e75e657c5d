import { type Batch, UnreadableMessage } from '../broker.js';
import type { BatchParser, ParserOptions } from './batch-parser.js';
import { describeCharacter, isSpace, StrictJson } from './strict-json.js';
import { TextFault } from './text-fault.js';
import type { TextWindow } from './text-window.js';
import { decodeUtf8, findBadUtf8 } from './utf8.js';

const lineFeed = 0x0a;

/** Elements that are lines of their own (NDJSON). Empty lines are passed over; a bad one does not hide those after it. */
export class LineParser implements BatchParser {
  /** How much of the window is known to hold no end of a line. */
  private searched: number;

  constructor(
    private index: number,
    /** The lines that end before or at the window's start. */
    private line: number,
    private readonly options: ParserOptions,
  ) {
    this.searched = line > 0 ? 1 : 0;
  }

  next(window: TextWindow): Batch | undefined {
    const { bytes, start, end } = window;
    // Behind the first line, the window begins with the end of the line before it: a mark is known again by it.
    const from = start + (this.line > 0 ? 1 : 0);
    const unsearched = bytes.subarray(start + this.searched, end).lastIndexOf(lineFeed);
    this.checkLength(window, from);
    if (unsearched < 0 && !window.atEnd) {
      this.searched = window.length;
      return undefined;
    }
    const to = window.atEnd ? end : start + this.searched + unsearched;
    const mark = { index: this.index, byte: window.offsetOf(start), line: this.line };
    const values: unknown[] = [];
    this.readLines(window, from, to, values);
    window.start = to;
    this.searched = 1;
    this.index += values.length;
    return { values, first: mark.index, mark, end: window.atEnd };
  }

  private checkLength(window: TextWindow, from: number): void {
    const { maxElementBytes } = this.options;
    if (window.end - from <= maxElementBytes) return;
    const found = window.bytes.subarray(from, window.end).indexOf(lineFeed);
    if (found >= 0 && found <= maxElementBytes) return;
    const limit = `an element of at most ${maxElementBytes} bytes`;
    throw new TextFault(window.offsetOf(from), this.index, limit, 'a longer one', 'too large');
  }

  private readLines(window: TextWindow, from: number, to: number, values: unknown[]): void {
    const text = this.options.raw ? undefined : decodeUtf8(window.bytes, from, to);
    if (text === undefined) {
      this.readBytes(window, from, to, values);
      return;
    }
    for (let begin = 0; begin <= text.length; this.line++) {
      const found = text.indexOf('\n', begin);
      const end = found < 0 ? text.length : found;
      const value = parseLine(text.slice(begin, end));
      if (value === undefined) {
        const at = from + Buffer.byteLength(text.slice(0, begin));
        const lineEnd = at + Buffer.byteLength(text.slice(begin, end));
        if (!isBlank(window.bytes, at, lineEnd))
          values.push(this.unreadable(window, at, lineEnd, this.index + values.length));
      } else values.push(value);
      begin = end + 1;
    }
  }

  /** Line by line, where the text as a whole is no UTF-8, or where bytes are asked for. */
  private readBytes(window: TextWindow, from: number, to: number, values: unknown[]): void {
    for (let begin = from; begin <= to; this.line++) {
      const found = window.bytes.subarray(begin, to).indexOf(lineFeed);
      const end = found < 0 ? to : begin + found;
      if (!isBlank(window.bytes, begin, end))
        values.push(this.lineValue(window, begin, end, this.index + values.length));
      begin = end + 1;
    }
  }

  private lineValue(window: TextWindow, begin: number, end: number, index: number): unknown {
    if (this.options.raw) return new Uint8Array(window.bytes.subarray(begin, end));
    const text = decodeUtf8(window.bytes, begin, end);
    const value = text === undefined ? undefined : parseLine(text);
    return value === undefined ? this.unreadable(window, begin, end, index) : value;
  }

  private unreadable(window: TextWindow, begin: number, end: number, index: number): UnreadableMessage {
    const { bytes } = window;
    const json = new StrictJson(bytes, begin, end, 'the end of the line');
    if (json.value()) {
      json.skipSpace();
      json.fail('the end of the line');
    }
    let { at, expected, found } = json.fault!;
    if (at === end && index === 0 && (!window.atEnd || end < window.end)) {
      throw new TextFault(
        window.offsetOf(begin),
        0,
        'an array of objects, or one object per line',
        'one that goes on in the next line',
      );
    }
    const badUtf8 = findBadUtf8(bytes, begin, end);
    if (badUtf8 !== undefined && badUtf8 <= at) {
      at = badUtf8;
      expected = 'UTF-8';
      found = describeCharacter(bytes, at, at + 1);
    }
    const place = `line ${this.line + 1}, byte ${at - begin + 1} of it (byte ${window.offsetOf(at)} of the file)`;
    const raw = decodeUtf8(bytes, begin, end) ?? new Uint8Array(bytes.subarray(begin, end));
    return new UnreadableMessage(raw, `${place}: expected ${expected}, found ${found}`);
  }
}

/** Undefined where it is no JSON: no JSON value is undefined. */
function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isSpace(bytes[at]!)) return false;
  return true;
}
