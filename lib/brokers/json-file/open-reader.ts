import { WaterMillError } from '../../base/watermill-error.js';
import { ArrayParser } from './array-parser.js';
import type { BatchParser, FileMark } from './batch-parser.js';
import type { ByteSource } from './byte-source.js';
import { formatByName } from './file-format.js';
import { changedError, systemError, textError } from './input-errors.js';
import type { InputFile } from './input-file.js';
import { JsonFileReader } from './json-file-reader.js';
import { LineParser } from './line-parser.js';
import { openSource } from './open-source.js';
import { describeCharacter, isSpace } from './strict-json.js';
import { TextFault } from './text-fault.js';
import { TextWindow } from './text-window.js';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const comma = 0x2c;
const lineFeed = 0x0a;

/** Opens a file at its beginning, or at the mark of a batch. Whether it is an array or lines, its first character says. */
export async function openReader(file: InputFile, mark: FileMark | undefined): Promise<JsonFileReader> {
  const index = mark?.index ?? 0;
  // The first batch begins wherever the first character is found.
  const inside = index > 0 ? mark?.byte : undefined;
  let source: ByteSource | undefined;
  try {
    source = await openSource(file.path, inside ?? 0);
    const window = new TextWindow(source.origin);
    const parser =
      inside === undefined ? await begin(file, source, window) : await goOn(file, source, window, mark as FileMark);
    return new JsonFileReader(file, source, window, parser, index);
  } catch (error) {
    await source?.close();
    if (error instanceof WaterMillError) throw error;
    throw error instanceof TextFault ? await textError(file, error) : systemError(file, index, error);
  }
}

async function begin(file: InputFile, source: ByteSource, window: TextWindow): Promise<BatchParser> {
  while (window.length < 3 && !window.atEnd) await readMore(source, window);
  const byteOrderMark = window.bytes[0] === 0xef && window.bytes[1] === 0xbb && window.bytes[2] === 0xbf;
  if (byteOrderMark && window.length >= 3) window.start = 3;
  let at = window.start;
  for (;;) {
    while (at < window.end && isSpace(window.bytes[at]!)) at++;
    if (at < window.end || window.atEnd) break;
    await readMore(source, window);
  }
  const first = at < window.end ? window.bytes[at] : undefined;
  if (first === openBracket) {
    window.start = at;
    return new ArrayParser(0, file.options);
  }
  if (first === openBrace || (first === undefined && formatByName(file.path) === 'ndjson')) {
    return new LineParser(0, 0, file.options);
  }
  const found = first === undefined ? 'the end of the file' : describeCharacter(window.bytes, at, window.end);
  throw new TextFault(
    window.offsetOf(at),
    0,
    "'[' before an array of objects, or '{' of the first of one object per line",
    found,
  );
}

async function goOn(file: InputFile, source: ByteSource, window: TextWindow, mark: FileMark): Promise<BatchParser> {
  // A packed file that was none when the mark was made begins at its beginning.
  if (!source.packed) await readMore(source, window);
  const separator = window.length > 0 ? window.bytes[0] : undefined;
  if (separator === comma || separator === openBracket) return new ArrayParser(mark.index, file.options);
  if (separator === closeBracket) {
    window.start = 1;
    return new ArrayParser(mark.index, file.options, mark.byte);
  }
  if (separator === lineFeed) return new LineParser(mark.index, mark.line ?? 1, file.options);
  throw changedError(file, mark);
}

async function readMore(source: ByteSource, window: TextWindow): Promise<void> {
  const piece = await source.next();
  if (piece === undefined) window.atEnd = true;
  else window.append(piece);
}
