import type { Batch } from '../../../lib/brokers/batch.js';
import { ArrayParser } from '../../../lib/brokers/parsing/array-parser.js';
import type { BatchParser, ParserOptions } from '../../../lib/brokers/parsing/batch-parser.js';
import type { FileFormat } from '../../../lib/brokers/parsing/file-format.js';
import { FormatParser } from '../../../lib/brokers/parsing/format-parser.js';
import { LineParser } from '../../../lib/brokers/parsing/line-parser.js';
import type { FileMark } from '../../../lib/brokers/parsing/text-batch.js';
import { TextFault } from '../../../lib/brokers/parsing/text-fault.js';
import { TextWindow } from '../../../lib/brokers/parsing/text-window.js';

export interface Parsed {
  /** The maximum number of bytes in the window. */
  readonly mostHeld: number;
  readonly batches: readonly Batch[];
  readonly values: readonly unknown[];
  readonly fault: TextFault | undefined;
}

const options: ParserOptions = { raw: false, maxElementBytes: 1 << 20 };

export const arrayParser = (index = 0, more: Partial<ParserOptions> = {}) =>
  new ArrayParser(index, { ...options, ...more });
export const lineParser = (mark: Partial<FileMark> = {}, more: Partial<ParserOptions> = {}) =>
  new LineParser(
    { index: mark.index ?? 0, line: mark.line ?? 0, passed: 0, separator: mark.byte ?? 0 },
    { ...options, ...more },
  );
export const formatParser = (promised: FileFormat = 'array', more: Partial<ParserOptions> = {}) =>
  new FormatParser({ ...options, ...more }, promised);

/** Passes pieces to a parser on demand, and returns its output. */
export function parsePieces(parser: BatchParser, pieces: readonly Uint8Array[], origin = 0): Parsed {
  const window = new TextWindow(origin);
  const batches: Batch[] = [];
  let given = 0;
  let mostHeld = 0;
  const result = (fault?: TextFault): Parsed => ({
    batches,
    values: batches.flatMap(({ values }) => values),
    fault,
    mostHeld,
  });
  for (;;) {
    let batch: Batch | undefined;
    try {
      batch = parser.next(window);
    } catch (fault) {
      if (fault instanceof TextFault) return result(fault);
      throw fault;
    }
    if (batch !== undefined) batches.push(batch);
    if (batch?.end) return result();
    if (batch !== undefined) continue;
    const piece = pieces[given++];
    if (piece !== undefined) {
      window.append(piece);
      mostHeld = Math.max(mostHeld, window.length);
    } else if (window.atEnd) throw new Error('the parser asks for more behind the end');
    else window.atEnd = true;
  }
}

/** Cuts bytes before each of these offsets. */
export function cutAt(bytes: Uint8Array, ...offsets: number[]): Uint8Array[] {
  const borders = [0, ...offsets, bytes.length];
  return borders.slice(1).map((to, i) => bytes.subarray(borders[i], to));
}
