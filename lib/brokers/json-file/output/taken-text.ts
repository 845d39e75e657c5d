import type { ByteWriter } from '../../../messages/index.js';
import { type Framing, framed } from './framing.js';
import type { TextFile } from './text-file.js';

/**
 * The form in which a result is kept until it is written: its text without the framing, or its bytes with the framing,
 * in a block.
 */
export type TakenText = string | TakenBytes;

/** A result with its framing, as bytes. Consecutive results are adjacent in a block. */
export class TakenBytes {
  constructor(
    readonly block: Buffer,
    readonly start: number,
    readonly end: number,
  ) {}
}

/** The size of a block of results in bytes. A block is kept as long as one of its results. */
const blockBytes = 64 * 1024;

/** Makes the function that converts results to bytes; to text, if the byte writer cannot handle them. */
export function bytesTaker({ write, mostBytes }: ByteWriter, text: (element: object) => string) {
  let block: Buffer;
  let start = Number.POSITIVE_INFINITY;
  return (element: object): TakenText => {
    if (start > blockBytes) {
      block = Buffer.allocUnsafeSlow(blockBytes + mostBytes);
      start = 0;
    }
    const end = written(write, element, block, start);
    if (end < 0) return text(element);
    const taken = new TakenBytes(block, start, end);
    start = end;
    return taken;
  };
}

function written(write: ByteWriter['write'], element: object, block: Buffer, start: number): number {
  try {
    return write(element, block, start);
  } catch {
    // The text writer reports the error of the element's code.
    return -1;
  }
}

/** Appends the result at an index, together with the adjacent ones after it. Returns the index after them. */
export function appendTaken(
  text: TextFile,
  framing: Framing,
  elementsBefore: number,
  taken: readonly TakenText[],
  index: number,
): number {
  const first = taken[index] as TakenText;
  if (typeof first === 'string') {
    text.append(framed(framing, elementsBefore, first));
    return index + 1;
  }
  const { block } = first;
  let { start, end } = first;
  let behind = index + 1;
  for (; behind < taken.length; behind++) {
    const next = taken[behind] as TakenText;
    if (typeof next === 'string' || next.block !== block || next.start !== end) break;
    end = next.end;
  }
  if (elementsBefore === 0) {
    text.append(framing.first);
    start += framing.next.length;
  }
  text.appendBytes(block, start, end);
  return behind;
}
