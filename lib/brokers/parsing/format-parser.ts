import { ArrayParser } from './array-parser.js';
import type { BatchParser, ParserOptions } from './batch-parser.js';
import type { FileFormat } from './file-format.js';
import { refuseForeignContent } from './foreign-content.js';
import { LineParser } from './line-parser.js';
import { endOfSolid, lineFeed } from './lines.js';
import { describeCharacter, isSpace, StrictJson } from './strict-json.js';
import type { TextBatch } from './text-batch.js';
import { TextFault } from './text-fault.js';
import { pieceBytes, type TextWindow } from './text-window.js';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const expectedBeginning = "'[' before an array of objects, or '{' of the first of one object per line";

/**
 * Reads a file from its beginning, and detects whether it is an array or lines. A fault in the first line must not
 * decide that, so the line after it counts as well, if it arrives soon enough.
 */
export class FormatParser implements BatchParser {
  private chosen: BatchParser | undefined;
  private begins = true;
  /** The number of lines skipped, and of white-space characters in the current line. */
  private line = 0;
  private passed = 0;

  constructor(
    private readonly options: ParserOptions,
    /** The format that the file's name or an option implies; only the text can overrule it, except for 'lines'. */
    private readonly promised: FileFormat | 'lines',
    /** The remedy for a file that is neither, if its name tells more. */
    private readonly remedy?: string,
  ) {}

  next(window: TextWindow): TextBatch | undefined {
    this.chosen ??= this.choose(window);
    return this.chosen?.next(window);
  }

  private choose(window: TextWindow): BatchParser | undefined {
    if (this.begins && !window.passByteOrderMark()) return undefined;
    if (this.begins) refuseForeignContent(window);
    this.begins = false;
    this.passSpace(window);
    const { bytes, start, end, atEnd } = window;
    // A file of only white space is empty, whatever its format.
    if (start === end) return atEnd ? this.lines(window) : undefined;
    const format = this.formatAt(window);
    if (format === undefined && !atEnd && window.length < pieceBytes) return undefined;
    if (format === 'array' || (format === undefined && bytes[start] === openBracket)) {
      return new ArrayParser(0, this.options);
    }
    if (format === 'ndjson' || bytes[start] === openBrace) return this.lines(window);
    const found = describeCharacter(bytes, start, end);
    throw new TextFault(window.offsetOf(start), 0, expectedBeginning, found, this.remedy);
  }

  /** Undefined if more text is needed. */
  private formatAt(window: TextWindow): FileFormat | undefined {
    const first = window.bytes[window.start];
    if (this.promised === 'lines') return 'ndjson';
    if (this.promised === 'ndjson') return first === openBracket ? this.arrayOrLine(window) : 'ndjson';
    if (first === openBracket) return 'array';
    return first === openBrace ? this.objectOrLine(window) : this.laterObject(window);
  }

  /**
   * Decides for a file of lines that starts with a bracket: an array of objects after all, or a first line that is a
   * bad message.
   */
  private arrayOrLine(window: TextWindow): FileFormat | undefined {
    const { bytes, start, end, atEnd } = window;
    let at = start + 1;
    while (at < end && isSpace(bytes[at]!)) at++;
    if (at === end) return atEnd ? 'array' : undefined;
    if (bytes[at] !== openBrace && bytes[at] !== closeBracket) return 'ndjson';
    const border = lineBorder(window);
    if (border === undefined) return atEnd ? 'array' : undefined;
    const opens = border.next === openBrace || border.next === openBracket;
    // In an array, a value starts only after one of these.
    return opens && !'[,:'.includes(String.fromCharCode(border.last)) ? 'ndjson' : 'array';
  }

  /**
   * Decides for a file that starts with a brace: one object per line, or an object over several lines, which is neither
   * format.
   */
  private objectOrLine(window: TextWindow): FileFormat | undefined {
    const { bytes, start, end } = window;
    const found = bytes.subarray(start, end).indexOf(lineFeed);
    if (found < 0) return undefined;
    const json = new StrictJson(bytes, start, start + found, 'the end of the line');
    if (json.value() || json.fault!.at < start + found) return 'ndjson';
    const border = lineBorder(window);
    if (border === undefined || border.next === openBrace) return border && 'ndjson';
    throw new TextFault(
      window.offsetOf(start),
      0,
      'an array of objects, or one object per line',
      'one that continues on the next line',
    );
  }

  /** Whatever the first line is: if an object starts a later line, the file has lines. */
  private laterObject({ bytes, start, end }: TextWindow): FileFormat | undefined {
    const text = bytes.subarray(start, end);
    for (let found = text.indexOf(lineFeed); found >= 0; found = text.indexOf(lineFeed, found + 1)) {
      if (text[found + 1] === openBrace) return 'ndjson';
    }
    return undefined;
  }

  private lines(window: TextWindow): LineParser {
    const { line, passed, options } = this;
    return new LineParser({ index: 0, line, passed, separator: window.offsetOf(window.start) }, options);
  }

  private passSpace(window: TextWindow): void {
    const { bytes, end } = window;
    for (; window.start < end && isSpace(bytes[window.start]!); window.start++) {
      if (bytes[window.start] === lineFeed) {
        this.line++;
        this.passed = 0;
      } else this.passed++;
    }
  }
}

/**
 * The last character of the first line and the first one of the next, without white space; undefined if they have not
 * arrived.
 */
function lineBorder({ bytes, start, end }: TextWindow): { last: number; next: number } | undefined {
  const found = bytes.subarray(start, end).indexOf(lineFeed);
  if (found < 0) return undefined;
  let at = start + found;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at === end ? undefined : { last: bytes[endOfSolid(bytes, start, start + found) - 1]!, next: bytes[at]! };
}
