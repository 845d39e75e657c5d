/** The id of an entry as Redis writes it: milliseconds and a number, `1700000000000-3`. */
export type EntryId = string;

/** Before every entry. */
export const beforeAll: EntryId = '0-0';

const form = /^(\d{1,20})(?:-(\d{1,20}))?$/;

/** Whether a text names a place in a stream: `5-1`, or `5`, which is `5-0`. */
export function isEntryId(text: string): boolean {
  const parts = form.exec(text);
  return parts?.slice(1).every((part) => BigInt(part ?? 0) < 1n << 64n) ?? false;
}

/** Below 0, 0 or above 0, as ids are ordered: as pairs of numbers of 64 bits, never as texts. */
export function compareIds(a: EntryId, b: EntryId): number {
  const [aTime, aNumber] = partsOf(a);
  const [bTime, bNumber] = partsOf(b);
  return compareDigits(aTime, bTime) || compareDigits(aNumber, bNumber);
}

/** Milliseconds since 1970, where the server gave the id. */
export function timeOfId(id: EntryId): number {
  return Number(partsOf(id)[0]);
}

function partsOf(id: EntryId): readonly [time: string, number: string] {
  const dash = id.indexOf('-');
  return dash < 0 ? [id, '0'] : [id.slice(0, dash), id.slice(dash + 1)];
}

/** Numbers without leading zeros: the longer one is the larger one. */
function compareDigits(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}
