import { isWaterMillError } from '../../base/watermill-error.js';
import { CsvParser } from '../formats/csv-parser.js';
import { ArrayParser } from '../parsing/array-parser.js';
import type { BatchParser } from '../parsing/batch-parser.js';
import { FormatParser } from '../parsing/format-parser.js';
import { LineParser } from '../parsing/line-parser.js';
import { lineFeed } from '../parsing/lines.js';
import type { FileMark } from '../parsing/text-batch.js';
import { TextWindow } from '../parsing/text-window.js';
import { changedError, changedWhileRead, readTwice, systemError } from './input-errors.js';
import type { InputFile, OpenedFiles } from './input-file.js';
import { JsonFileReader } from './json-file-reader.js';
import type { ByteSource } from './source/byte-source.js';
import { type OpenedFile, openSource } from './source/open-source.js';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** Opens a file at its beginning, or at the mark of a batch. */
export async function openReader(
  file: InputFile,
  mark: FileMark | undefined,
  openedFiles: OpenedFiles,
): Promise<JsonFileReader> {
  const index = mark?.index ?? 0;
  if (openedFiles.get(file.path) === 'pipe') throw readTwice(file);
  // The first batch starts wherever the first character is.
  const inside = index > 0 ? mark?.byte : undefined;
  let opened: OpenedFile | undefined;
  try {
    opened = await openSource(file.path, inside ?? 0, file.follows);
    note(file, opened, openedFiles);
    const { source, state } = opened;
    const window = new TextWindow(source.origin);
    const parser =
      inside === undefined
        ? (file.rows?.() ?? new FormatParser(file.options, file.format))
        : await goOn(file, source, window, mark as FileMark);
    return new JsonFileReader(file, source, window, parser, index, state === undefined);
  } catch (error) {
    await opened?.source.close();
    throw isWaterMillError(error) ? error : systemError(file, index, error);
  }
}

function note(file: InputFile, { state }: OpenedFile, openedFiles: OpenedFiles): void {
  const former = openedFiles.get(file.path);
  if (former === 'pipe') throw readTwice(file);
  const difference = former && state?.differenceFrom(former, file.follows !== undefined);
  if (difference !== undefined) throw changedWhileRead(file, 0, difference);
  if (former === undefined) openedFiles.set(file.path, state ?? 'pipe');
}

async function goOn(file: InputFile, source: ByteSource, window: TextWindow, mark: FileMark): Promise<BatchParser> {
  // A compressed file that was not compressed when the mark was made starts at its beginning.
  if (!source.packed) await readMore(source, window);
  const { index, line = 1, byte = 0 } = mark;
  const separator = window.length > 0 ? window.bytes[0] : undefined;
  if (file.rows !== undefined && separator === lineFeed) {
    window.start = 1;
    return file.rows({ index, line, separator: byte }, await namesOfColumns(file));
  }
  if (file.rows !== undefined) throw changedError(file, mark);
  if (separator === comma || separator === openBracket) return new ArrayParser(index, file.options);
  if (separator !== closeBracket && separator !== lineFeed) throw changedError(file, mark);
  window.start = 1;
  if (separator === closeBracket) return new ArrayParser(index, file.options, byte);
  return new LineParser({ index, line, passed: 0, separator: byte }, file.options);
}

/** The names of the columns in the first row. */
async function namesOfColumns({ path, rows }: InputFile): Promise<readonly string[] | undefined> {
  const parser = rows?.();
  if (!(parser instanceof CsvParser)) return undefined;
  const { source } = await openSource(path, 0);
  try {
    const window = new TextWindow(source.origin);
    while (parser.columns === undefined && !window.atEnd) {
      await readMore(source, window);
      parser.next(window);
    }
    return parser.columns?.names;
  } finally {
    await source.close();
  }
}

async function readMore(source: ByteSource, window: TextWindow): Promise<void> {
  const piece = await source.next();
  if (piece === undefined) window.atEnd = true;
  else window.append(piece);
}
