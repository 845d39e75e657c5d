/** The id of an entry in Redis: milliseconds and a number, `1700000000000-3`. */
export type EntryId = string;

/** The id before every entry. */
export const beforeAll: EntryId = '0-0';

const form = /^(\d{1,20})(?:-(\d{1,20}))?$/;

/** Returns whether a text is an id: `5-1`, or `5`, which means `5-0`. */
export function isEntryId(text: string): boolean {
  const parts = form.exec(text);
  return parts?.slice(1).every((part) => BigInt(part ?? 0) < 1n << 64n) ?? false;
}

/** Negative, 0 or positive, in the order of ids: by pairs of 64-bit numbers, not as texts. */
export function compareIds(a: EntryId, b: EntryId): number {
  const [aTime, aNumber] = partsOf(a);
  const [bTime, bNumber] = partsOf(b);
  return compareDigits(aTime, bTime) || compareDigits(aNumber, bNumber);
}

/** Milliseconds since 1970, if the server assigned the id. */
export function timeOfId(id: EntryId): number {
  return Number(partsOf(id)[0]);
}

function partsOf(id: EntryId): readonly [time: string, number: string] {
  const dash = id.indexOf('-');
  return dash < 0 ? [id, '0'] : [id.slice(0, dash), id.slice(dash + 1)];
}

/** Compares numbers without leading zeros: the longer one is larger. */
function compareDigits(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}
