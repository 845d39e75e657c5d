import type { FileHandle } from 'node:fs/promises';
import { readPart, sampleBytes } from './file-sample.js';
import { lineFeed } from './lines.js';
import { describeCharacter, isSpace } from './strict-json.js';
import { decodeUtf8 } from './utf8.js';

/**
 * With which character the text that was appended to a file of lines, which was read to its end, continues in the line that
 * was the last one, if it does. The element of that line was given as it was, so what was appended to it would be lost.
 * A line that was no whole JSON may be completed: it was a bad message, and comes again. Of lines that are asked for as
 * bytes, it is unknown whether they were complete.
 */
export async function continuedLine(file: FileHandle, formerSize: number, raw: boolean): Promise<string | undefined> {
  const head = (await readPart(file, 0, Math.min(formerSize, sampleBytes))).toString('latin1');
  if (isArrayOrPacked(head)) return undefined;
  const before = await readPart(file, Math.max(0, formerSize - sampleBytes), formerSize);
  const begin = before.lastIndexOf(lineFeed) + 1;
  const last = before.toString('latin1', begin).replace(/[ \t\r]+$/, '');
  if (last === '') return undefined;
  const behind = await readPart(file, formerSize, formerSize + sampleBytes);
  const at = behind.findIndex((byte) => byte === lineFeed || !isSpace(byte));
  if (at < 0 || behind[at] === lineFeed) return undefined;
  const isKnown = begin > 0 || formerSize <= sampleBytes;
  const wasWhole = raw || (isKnown ? isJson(decodeUtf8(before, begin, begin + last.length)) : last.endsWith('}'));
  return wasWhole ? describeCharacter(behind, at, behind.length) : undefined;
}

/** In an array a closed element can only be followed by a comma; a compressed file is not read from its middle. */
function isArrayOrPacked(head: string): boolean {
  return /^(\xef\xbb\xbf)?\s*\[/.test(head) || head.startsWith('\x1f\x8b');
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
