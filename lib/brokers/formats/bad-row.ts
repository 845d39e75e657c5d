import { UnreadableMessage } from '../batch.js';
import { headOf, placeText, tooLarge } from '../parsing/bad-element.js';
import { describeCharacter } from '../parsing/strict-json.js';
import { decodeUtf8, findBadUtf8 } from '../parsing/utf8.js';
import { bareReturn, type RowPlace } from './csv-scanner.js';
import type { TextRegion } from './text-region.js';

const longestNames = 200;

/** A row whose number of values differs from the number of columns. */
export function wrongCount(
  region: TextRegion,
  row: RowPlace,
  names: readonly string[],
  found: number,
): UnreadableMessage {
  const broken = withoutLineFeed(region, row);
  if (broken !== undefined) return broken;
  const { length } = names;
  const all = names.join(', ');
  const listed = all.length > longestNames ? `${all.slice(0, longestNames)}…` : all;
  return badRow(region, row, row.from, `${length} value${length === 1 ? '' : 's'} (${listed})`, `${found}`);
}

/** A row that is not valid CSV. */
export function brokenRow(region: TextRegion, row: RowPlace, delimiter: string): UnreadableMessage {
  const broken = withoutLineFeed(region, row);
  if (broken !== undefined) return broken;
  const { at, kind } = row.fault!;
  if (kind === 'open quote') {
    return badRow(region, row, at, 'a closing double quote for the one here', 'none up to the end of the file');
  }
  const separator = delimiter === '\t' ? 'a tab' : `'${delimiter}'`;
  const found = describeCharacter(region.bytes, region.start + at, region.start + row.to);
  return badRow(region, row, at, `${separator} or the end of the row after a closing double quote`, found);
}

/** The expectation if a carriage return is the only line end, as in files of old Macintosh programs. */
export const lineFeedWords = ['a line feed at the end of the row', 'a carriage return alone'] as const;
export const lineFeedRemedy = "Convert the line ends: tr '\\r' '\\n' < FILE > OTHER.";

/** Rows that end with a carriage return alone look like one row. */
function withoutLineFeed(region: TextRegion, row: RowPlace): UnreadableMessage | undefined {
  const { bytes, start } = region;
  const at = bareReturn(bytes, start + row.from, start + row.to);
  if (at === undefined) return undefined;
  const [expected, found] = lineFeedWords;
  return badRow(region, row, at - start, expected, `${found}. ${lineFeedRemedy.slice(0, -1)}`);
}

/** Bytes that are not valid text. */
export function badText(region: TextRegion, { from, to }: { from: number; to: number }): UnreadableMessage {
  const { bytes, start } = region;
  const at = findBadUtf8(bytes, start + from, start + to) ?? start + from;
  return badRow(region, { from, to }, at - start, 'UTF-8', describeCharacter(bytes, at, at + 1));
}

/** A row or line that is longer than an element may be. */
export function tooLong(region: TextRegion, from: number, to: number, limit: number): UnreadableMessage {
  const [at, end] = [region.start + from, region.start + to];
  return tooLarge(region.bytes, at, end, limit, placeText(region.placeOf(at)));
}

function badRow(
  region: TextRegion,
  { from, to }: { readonly from: number; readonly to: number },
  at: number,
  expected: string,
  found: string,
): UnreadableMessage {
  const { bytes, start } = region;
  const raw = decodeUtf8(bytes, start + from, start + to) ?? headOf(bytes, start + from, start + to);
  return new UnreadableMessage(raw, `${placeText(region.placeOf(start + at))}: expected ${expected}, found ${found}.`);
}
