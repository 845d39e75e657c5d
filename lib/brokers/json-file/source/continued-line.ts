import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { lineFeed } from '../../parsing/lines.js';
import { describeCharacter, isSpace } from '../../parsing/strict-json.js';
import { pieceBytes } from '../../parsing/text-window.js';
import { decodeUtf8 } from '../../parsing/utf8.js';
import { readPart, sampleBytes } from './file-sample.js';
import { isGzip } from './gzip-format.js';

/** The text of a file around its previous end, before it grew. */
interface TextAround {
  readonly head: Buffer;
  /** The text before that end, or the last part of it. */
  readonly before: Buffer;
  readonly isAllBefore: boolean;
  /** The beginning of the text after it. */
  readonly behind: Buffer;
}

/**
 * Returns the character with which appended text continues the last line of a file of lines that was read to its end,
 * if it does. The element of that line was returned as it was, so the continuation would be lost. A line that was not
 * complete JSON may be completed: it was a bad message, and is read again. For rows, and for lines that are not JSON or
 * are read as bytes (`isOpaque`), it is unknown whether they were complete.
 */
export async function continuedLine(
  file: FileHandle,
  formerSize: number,
  isOpaque: boolean,
): Promise<string | undefined> {
  const { head, before, isAllBefore, behind } = await textAround(file, formerSize);
  if (!isOpaque && /^(\xef\xbb\xbf)?\s*\[/.test(head.toString('latin1'))) return undefined;
  const begin = before.lastIndexOf(lineFeed) + 1;
  const last = before.toString('latin1', begin).replace(/[ \t\r]+$/, '');
  if (last === '') return undefined;
  const at = behind.findIndex((byte) => byte === lineFeed || !isSpace(byte));
  if (at < 0 || behind[at] === lineFeed) return undefined;
  const isKnown = begin > 0 || isAllBefore;
  const wasWhole = isOpaque || (isKnown ? isJson(decodeUtf8(before, begin, begin + last.length)) : last.endsWith('}'));
  return wasWhole ? describeCharacter(behind, at, behind.length) : undefined;
}

async function textAround(file: FileHandle, formerSize: number): Promise<TextAround> {
  const head = await readPart(file, 0, Math.min(formerSize, sampleBytes));
  if (isGzip(head)) return packedTextAround(file, formerSize);
  const before = await readPart(file, Math.max(0, formerSize - sampleBytes), formerSize);
  const behind = await readPart(file, formerSize, formerSize + sampleBytes);
  return { head, before, isAllBefore: formerSize <= sampleBytes, behind };
}

/** A compressed file grows by members, so each part can be decompressed on its own. */
async function packedTextAround(file: FileHandle, formerSize: number): Promise<TextAround> {
  let head = Buffer.alloc(0);
  let before = Buffer.alloc(0);
  let length = 0;
  for await (const piece of unpacked(file, 0, formerSize)) {
    if (head.length < sampleBytes) head = Buffer.concat([head, piece]).subarray(0, sampleBytes);
    before = Buffer.concat([before, piece]).subarray(-sampleBytes);
    length += piece.length;
  }
  let behind = Buffer.alloc(0);
  for await (const piece of unpacked(file, formerSize)) {
    behind = Buffer.concat([behind, piece]);
    if (behind.length >= sampleBytes) break;
  }
  return { head, before, isAllBefore: length <= sampleBytes, behind };
}

/** Decompresses a part of a file. The reader reports a failure to decompress. */
async function* unpacked(file: FileHandle, start: number, end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const text = createGunzip();
  const packed = Readable.from(piecesOf(file, start, end));
  packed.on('error', (error) => text.destroy(error)).pipe(text);
  try {
    for await (const piece of text) yield piece as Buffer;
  } catch {
    // The rest is unknown.
  } finally {
    packed.destroy();
  }
}

async function* piecesOf(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; ) {
    const piece = await readPart(file, at, Math.min(end, at + pieceBytes));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

function isJson(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}
