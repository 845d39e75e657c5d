import type { Batch } from '../broker.js';
import { ArrayScanner } from './array-scanner.js';
import type { BatchParser, ParserOptions } from './batch-parser.js';
import { describeCharacter, isSpace, StrictJson } from './strict-json.js';
import { TextFault } from './text-fault.js';
import { pieceBytes, type TextWindow } from './text-window.js';
import { decodeUtf8, findBadUtf8 } from './utf8.js';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const triesToGuess = 4;

/**
 * Elements of a JSON array. The window begins with a separator; the parser cuts at a later one, writes brackets over both
 * for a moment, and gives what lies between to `JSON.parse` as one array: that costs least per element.
 */
export class ArrayParser implements BatchParser {
  private readonly scanner = new ArrayScanner();
  private guesses = triesToGuess;

  constructor(
    private index: number,
    private readonly options: ParserOptions,
    /** Where the closing bracket stands, once it was found. */
    private closedAt?: number,
  ) {
    if (options.raw) this.guesses = 0;
  }

  next(window: TextWindow): Batch | undefined {
    if (this.closedAt !== undefined) return this.afterLast(window, this.closedAt);
    const guessed = this.guess(window);
    if (guessed !== undefined) return guessed;
    const { scanner } = this;
    scanner.scan(window.bytes, window.start, window.end);
    const longest = scanner.firstCut < 0 ? window.length : scanner.firstCut;
    if (longest > this.options.maxElementBytes) throw this.unfinished(window);
    if (scanner.cut >= 0) return this.take(window);
    if (window.atEnd) throw this.unfinished(window);
    return undefined;
  }

  /**
   * Cuts behind the last `},` without looking at what is before it. This is exact: only where whole elements end there
   * is the text before it an array when a bracket closes it. Where it is none, the scanner looks; where that
   * happens again and again (elements with objects in arrays), the guess is given up.
   */
  private guess(window: TextWindow): Batch | undefined {
    const { bytes, start, end } = window;
    if (this.guesses === 0 || window.length < 4 || window.length > 2 * pieceBytes) return undefined;
    const cut = bytes.lastIndexOf('},', end - 2, 'latin1') + 1;
    if (cut <= start) return undefined;
    const values = parseBetween(bytes, start, cut);
    if (values === undefined) {
      this.guesses--;
      return undefined;
    }
    this.guesses = triesToGuess;
    const batch = this.batch(window, values);
    window.start = cut;
    this.scanner.restart();
    return batch;
  }

  /** What lies before the scanner's cut; or, where that is broken, the elements before the broken one. */
  private take(window: TextWindow): Batch {
    const { scanner } = this;
    const cut = window.start + scanner.cut;
    const empty = window.bytes[window.start] === openBracket && scanner.closed;
    const values = this.valuesBetween(window.bytes, window.start, cut);
    if (values === undefined || (values.length === 0 && !empty)) return this.takeWhole(window);
    // The scanner takes any closing bracket for the array's, and the parser does not see it.
    if (scanner.closed && window.bytes[cut] !== closeBracket) return this.takeWhole(window);
    const batch = this.batch(window, values);
    if (scanner.closed) this.closedAt = window.offsetOf(cut);
    scanner.taken();
    window.start = scanner.closed ? cut + 1 : cut;
    return batch;
  }

  private takeWhole(window: TextWindow): Batch {
    const { fault, whole } = this.findFault(window);
    const values = whole > window.start ? this.valuesBetween(window.bytes, window.start, whole) : undefined;
    if (values === undefined) throw fault ?? this.faultAt(window, window.start + 1, 'JSON', 'something else');
    const batch = this.batch(window, values);
    window.start = whole;
    this.scanner.restart();
    return batch;
  }

  /** The text ended, or grew too long, within an element: because of a fault in it, or as it is. */
  private unfinished(window: TextWindow): TextFault {
    const { fault } = this.findFault(window);
    if (fault !== undefined && (window.atEnd || fault.byte < window.offsetOf(window.end))) return fault;
    const limit = `an element of at most ${this.options.maxElementBytes} bytes`;
    return new TextFault(window.offsetOf(window.start + 1), this.index, limit, 'a longer one', 'too large');
  }

  /** The first fault in the window, and the separator behind the last whole element before it. */
  private findFault(window: TextWindow): { fault: TextFault | undefined; whole: number } {
    const { bytes, start, end } = window;
    const json = new StrictJson(bytes, start + 1, end, 'the end of the file');
    const badUtf8 = findBadUtf8(bytes, start, end) ?? end;
    let whole = start;
    let index = this.index;
    while (json.value()) {
      json.skipSpace();
      if (json.at > badUtf8) break;
      const separator = json.at < end ? bytes[json.at] : undefined;
      if (separator === closeBracket) break;
      if (separator !== comma) {
        json.fail("',' or ']'");
        break;
      }
      index++;
      whole = json.at++;
    }
    const { at, expected, found } = json.fault ?? { at: end, expected: '', found: '' };
    if (badUtf8 < at) {
      return {
        fault: this.faultAt(window, badUtf8, 'UTF-8', describeCharacter(bytes, badUtf8, badUtf8 + 1), index),
        whole,
      };
    }
    return { fault: json.fault && this.faultAt(window, at, expected, found, index), whole };
  }

  private faultAt(window: TextWindow, at: number, expected: string, found: string, index = this.index): TextFault {
    return new TextFault(window.offsetOf(at), index, expected, found);
  }

  private afterLast(window: TextWindow, byte: number): Batch | undefined {
    const { bytes, end } = window;
    while (window.start < end && isSpace(bytes[window.start]!)) window.start++;
    if (window.start < end) {
      const found = describeCharacter(bytes, window.start, end);
      throw new TextFault(
        window.offsetOf(window.start),
        this.index,
        "the end of the file after the closing ']'",
        found,
      );
    }
    return window.atEnd ? { values: [], first: this.index, mark: { index: this.index, byte }, end: true } : undefined;
  }

  private valuesBetween(bytes: Buffer, start: number, cut: number): unknown[] | undefined {
    return this.options.raw ? rawBetween(bytes, start, cut) : parseBetween(bytes, start, cut);
  }

  private batch(window: TextWindow, values: readonly unknown[]): Batch {
    const first = this.index;
    this.index += values.length;
    return { values, first, mark: { index: first, byte: window.offsetOf(window.start) }, end: false };
  }
}

/** The elements between two separators, or undefined where they are not JSON in UTF-8. */
function parseBetween(bytes: Buffer, start: number, cut: number): unknown[] | undefined {
  const before = bytes[start]!;
  const behind = bytes[cut]!;
  bytes[start] = openBracket;
  bytes[cut] = closeBracket;
  try {
    const text = decodeUtf8(bytes, start, cut + 1);
    return text === undefined ? undefined : (JSON.parse(text) as unknown[]);
  } catch {
    return undefined;
  } finally {
    bytes[start] = before;
    bytes[cut] = behind;
  }
}

/** The bytes of each element between two separators, without the space around them; undefined where they are not JSON. */
function rawBetween(bytes: Buffer, start: number, cut: number): Uint8Array[] | undefined {
  const copy = new Uint8Array(bytes.subarray(start + 1, cut));
  const json = new StrictJson(copy, 0, copy.length, 'the end');
  const values: Uint8Array[] = [];
  json.skipSpace();
  while (json.at < copy.length) {
    const from = json.at;
    if (!json.value()) return undefined;
    values.push(copy.subarray(from, json.at));
    json.skipSpace();
    if (json.at === copy.length) break;
    if (copy[json.at++] !== comma) return undefined;
    json.skipSpace();
    if (json.at === copy.length) return undefined;
  }
  return values;
}
