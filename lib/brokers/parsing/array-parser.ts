import type { NumberRows } from '../../messages/index.js';
import { type ArrayPart, parseBetween, rawBetween, rowsBetween } from './array-text.js';
import { tooLarge } from './bad-element.js';
import type { BatchParser, ParserOptions } from './batch-parser.js';
import { BracketScanner } from './bracket-scanner.js';
import { endOfSolid } from './lines.js';
import { NumberReader } from './number-reader.js';
import { describeCharacter, isSpace, StrictJson } from './strict-json.js';
import { nothingToLocate, TextBatch, type ValueOrigins } from './text-batch.js';
import { TextFault } from './text-fault.js';
import { pieceBytes, type TextWindow } from './text-window.js';
import { findBadUtf8 } from './utf8.js';

const closeBracket = 0x5d;
const comma = 0x2c;
const triesToGuess = 4;
const separators = "',' or ']'";
const endOfFile = 'the end of the file';

/** Elements, as values or rows, and their places. */
interface Part {
  readonly values: readonly unknown[] | NumberRows;
  origins(): ValueOrigins;
}

/**
 * Parses the elements of a JSON array. The window starts with a separator; the parser cuts at a later one, temporarily
 * overwrites both with brackets, and passes the text to `JSON.parse` as one array: that costs least per element.
 *
 * Endless white space between elements is dropped: after a separator, the window then starts with white space instead;
 * after an element, that element is taken on its own.
 */
export class ArrayParser implements BatchParser {
  private readonly scanner = new BracketScanner();
  private readonly numbers: NumberReader | undefined;
  private guesses = triesToGuess;
  /**
   * The current place: before an element, after a taken element, inside an element that is too large and was reported,
   * or after the last element.
   */
  private at: 'element' | 'border' | 'rest' | 'end' = 'element';
  /**
   * The offset of the separator, if it is no longer in the window; in the state 'end', the offset of the closing
   * bracket.
   */
  private separator: number | undefined;

  constructor(
    private index: number,
    private readonly options: ParserOptions,
    /** The offset of the closing bracket, if it was found before. */
    closedAt?: number,
  ) {
    if (options.raw) this.guesses = 0;
    if (options.numbers) this.numbers = new NumberReader('comma');
    if (closedAt !== undefined) this.close(closedAt);
  }

  next(window: TextWindow): TextBatch | undefined {
    if ((this.at === 'border' || this.at === 'rest') && !this.findSeparator(window)) return undefined;
    if (this.at === 'end') return this.afterLast(window);
    const guessed = this.guess(window);
    if (guessed !== undefined) return guessed;
    const { scanner } = this;
    scanner.scan(window.bytes, window.start, window.end);
    if (scanner.cut < 0 && scanner.outside) {
      const alone = this.takeAlone(window);
      if (alone !== undefined) return alone;
    }
    if (this.isTooLarge(window)) return this.skip(window);
    if (scanner.cut >= 0) return this.take(window);
    if (window.atEnd) throw this.unfinished(window);
    return undefined;
  }

  /**
   * Cuts after the last `},` without scanning the text before it. This is exact: the text before it, closed with a
   * bracket, is an array only if complete elements end there. If it is not, the scanner is used; if that happens
   * repeatedly (elements with objects in arrays), guessing stops.
   */
  private guess(window: TextWindow): TextBatch | undefined {
    const { bytes, start, end } = window;
    if (this.guesses === 0 || window.length < 4 || window.length > 2 * pieceBytes) return undefined;
    const cut = bytes.lastIndexOf('},', end - 2, 'latin1') + 1;
    if (cut <= start) return undefined;
    const byte = window.offsetOf(start);
    const rows = this.numbers && rowsBetween(bytes, start, cut, byte, this.numbers);
    const part = rows ?? parseBetween(bytes, start, cut, byte);
    if (part === undefined) {
      this.guesses--;
      return undefined;
    }
    this.guesses = triesToGuess;
    const batch = this.batch(window, part);
    window.start = cut;
    this.scanner.restart();
    return batch;
  }

  /** Takes the elements before the scanner's cut or, if that text is broken, those before the broken one. */
  private take(window: TextWindow): TextBatch {
    const { scanner } = this;
    const cut = window.start + scanner.cut;
    const part = this.between(window, cut);
    const isEmpty = this.index === 0 && scanner.closed;
    if (part === undefined || (part.values.length === 0 && !isEmpty)) return this.takeWhole(window);
    // The scanner takes any closing bracket for that of the array, and the parser does not see it.
    if (scanner.closed && window.bytes[cut] !== closeBracket) return this.takeWhole(window);
    const batch = this.batch(window, part);
    if (scanner.closed) {
      this.close(window.offsetOf(cut));
      window.start = cut + 1;
    } else {
      scanner.taken();
      window.start = cut;
    }
    return batch;
  }

  private takeWhole(window: TextWindow): TextBatch {
    const { fault, whole } = this.findFault(window);
    const part = whole > window.start ? this.between(window, whole) : undefined;
    if (part === undefined) throw fault ?? this.faultAt(window, window.start + 1, 'JSON', 'something else');
    const batch = this.batch(window, part);
    window.start = whole;
    this.scanner.restart();
    return batch;
  }

  /**
   * Takes an element on its own, or drops white space, if the white space after a separator or an element does not end.
   */
  private takeAlone(window: TextWindow): TextBatch | undefined {
    const { bytes, start, end } = window;
    if (window.length <= pieceBytes) return undefined;
    const elementEnd = endOfSolid(bytes, start + 1, end);
    if (end - elementEnd < pieceBytes) return undefined;
    if (elementEnd === start + 1) {
      this.dropSpace(window);
      return undefined;
    }
    const part = this.between(window, elementEnd);
    if (part === undefined) return this.takeWhole(window);
    const batch = this.batch(window, part);
    window.start = elementEnd;
    this.at = 'border';
    return batch;
  }

  /** Drops white space after the separator. */
  private dropSpace(window: TextWindow): void {
    const { bytes, start, end } = window;
    let at = start + 1;
    while (at < end && isSpace(bytes[at]!)) at++;
    if (at === start + 1) return;
    this.separator ??= window.offsetOf(start);
    window.start = at - 1;
    this.scanner.dropped(at - 1 - start);
  }

  private isTooLarge(window: TextWindow): boolean {
    const { maxElementBytes } = this.options;
    if (this.elementEnd(window) - window.start <= maxElementBytes) return false;
    this.dropSpace(window);
    const end = this.elementEnd(window);
    const isBehind = this.scanner.firstCut >= 0 || this.scanner.outside;
    const solidEnd = isBehind ? endOfSolid(window.bytes, window.start + 1, end) : end;
    return solidEnd - window.start - 1 > maxElementBytes;
  }

  /** The end of the first element, as far as it is in the window. */
  private elementEnd({ start, end }: TextWindow): number {
    const { firstCut } = this.scanner;
    return firstCut < 0 ? end : start + firstCut;
  }

  /** Returns a bad message for the first element, and skips the rest of it. */
  private skip(window: TextWindow): TextBatch {
    const { fault } = this.findFault(window);
    if (fault?.index === this.index && (window.atEnd || fault.byte < window.offsetOf(window.end))) throw fault;
    const { bytes, start } = window;
    const byte = window.offsetOf(start + 1);
    const message = tooLarge(bytes, start + 1, this.elementEnd(window), this.options.maxElementBytes, `byte ${byte}`);
    this.at = 'rest';
    return this.batch(window, { values: [message], origins: () => [{ raw: message.raw as Uint8Array, byte }] });
  }

  /** Finds the separator after a taken element; false if more text is needed. */
  private findSeparator(window: TextWindow): boolean {
    const at = this.at === 'rest' ? this.passRest(window) : this.passSpace(window);
    const { bytes, end } = window;
    if (at === end && !window.atEnd) return false;
    const byte = at < end ? bytes[at] : undefined;
    if (byte === comma) {
      window.start = at;
      this.scanner.restart();
      this.at = 'element';
    } else if (byte === closeBracket) {
      this.close(window.offsetOf(at));
      window.start = at + 1;
    } else throw this.faultAt(window, at, separators, this.describe(window, at));
    return true;
  }

  /** Skips the reported element. Returns the offset of its end. */
  private passRest(window: TextWindow): number {
    const { scanner } = this;
    scanner.scan(window.bytes, window.start, window.end);
    if (scanner.firstCut >= 0) return window.start + scanner.firstCut;
    scanner.dropped(window.length);
    window.start = window.end;
    return window.end;
  }

  private passSpace(window: TextWindow): number {
    while (window.start < window.end && isSpace(window.bytes[window.start]!)) window.start++;
    return window.start;
  }

  /** The error for a text that ends within an element: the fault in the element, or its missing end. */
  private unfinished(window: TextWindow): TextFault {
    const { fault } = this.findFault(window);
    return fault ?? this.faultAt(window, window.end, separators, endOfFile);
  }

  /** The first fault in the window, and the separator after the last complete element before it. */
  private findFault(window: TextWindow): { fault: TextFault | undefined; whole: number } {
    const { bytes, start, end } = window;
    const json = new StrictJson(bytes, start + 1, end, endOfFile);
    const badUtf8 = findBadUtf8(bytes, start + 1, end) ?? end;
    let whole = start;
    let index = this.index;
    while (json.value()) {
      json.skipSpace();
      if (json.at > badUtf8) break;
      const separator = json.at < end ? bytes[json.at] : undefined;
      if (separator === closeBracket) break;
      if (separator !== comma) {
        json.fail(separators);
        break;
      }
      index++;
      whole = json.at++;
    }
    const { at, expected, found } = json.fault ?? { at: end, expected: '', found: '' };
    if (badUtf8 < at) {
      const found = describeCharacter(bytes, badUtf8, badUtf8 + 1);
      return { fault: this.faultAt(window, badUtf8, 'UTF-8', found, index), whole };
    }
    return { fault: json.fault && this.faultAt(window, at, expected, found, index), whole };
  }

  private faultAt(window: TextWindow, at: number, expected: string, found: string, index = this.index): TextFault {
    return new TextFault(window.offsetOf(at), index, expected, found);
  }

  private describe({ bytes, end }: TextWindow, at: number): string {
    return at < end ? describeCharacter(bytes, at, end) : endOfFile;
  }

  private afterLast(window: TextWindow): TextBatch | undefined {
    const at = this.passSpace(window);
    if (at < window.end) {
      throw this.faultAt(window, at, "the end of the file after the closing ']'", this.describe(window, at));
    }
    const mark = { index: this.index, byte: this.separator };
    const isOver = window.atEnd || this.options.endsWithArray;
    return isOver ? new TextBatch([], this.index, mark, true, nothingToLocate) : undefined;
  }

  /** Notes the offset of the closing bracket. */
  private close(byte: number): void {
    this.at = 'end';
    this.separator = byte;
  }

  private between(window: TextWindow, cut: number): ArrayPart | undefined {
    const { bytes, start } = window;
    const part = this.options.raw ? rawBetween : parseBetween;
    return part(bytes, start, cut, window.offsetOf(start));
  }

  private batch(window: TextWindow, { values, origins }: Part): TextBatch {
    const mark = { index: this.index, byte: this.separator ?? window.offsetOf(window.start) };
    const batch = new TextBatch(values, mark.index, mark, false, origins);
    this.index += batch.count;
    this.separator = undefined;
    return batch;
  }
}
