import type { KeyDistance } from '../../../joins/distance.js';
import type { Matching } from '../../../joins/matching/matching.js';
import type { HoppingDescription } from '../../../joins/windows/window-kinds.js';
import type { OrderPolicy } from '../lane-spec.js';
import { alignedBorders } from '../windows/aligned-borders.js';

/**
 * A computation that a lane does with number keys, or with the milliseconds of Dates. A number has 53 bits: a distance
 * that is small compared to the key is lost in the sum, so that a window has no end, or a tolerance no width. Bigints
 * are exact.
 */
export interface KeyArithmetic {
  /** The computation is exact for all numbers with an absolute value below this. */
  readonly safe: number;
  /** The same bound for Dates, in milliseconds from 1970. */
  readonly safeDates: number;
  /**
   * Why the computation fails for this key, and what to do: a clause that follows the key, up to its full stop.
   * Undefined if it works.
   */
  problemOf(key: number, isDate: boolean): string | undefined;
}

/** The last valid Date, in milliseconds. */
const lastDate = 8.64e15;

/** Sums of numbers up to this bound are finite. */
const far = 1e300;

/** The sum of a key and a distance. `isShown`: the user sees the sum as a key. */
export function adding(what: string, distance: KeyDistance, isShown = false): readonly KeyArithmetic[] {
  if (typeof distance === 'bigint' || distance === 0) return [];
  const size = Math.abs(distance);
  const safe = size > far ? 0 : Math.min(size * 2 ** 52, far);
  const isWhole = !isShown || Number.isInteger(distance);
  const safeDates = isShown ? Math.min(safe, lastDate - size) : safe;
  return [
    {
      safe,
      safeDates: isWhole ? safeDates : 0,
      problemOf: (key, isDate) => {
        if (isDate && !isWhole) return noMillisecond(what);
        const sum = key + distance;
        if (sum === key) return tooSmall(what);
        if (isDate && isShown && Math.abs(sum) > lastDate) return noDate(what);
        return Number.isFinite(sum) ? undefined : tooFar(what);
      },
    },
  ];
}

function tooSmall(what: string): string {
  return (
    `${what} is too small next to it: a number of that size has no digits left for it, and the sum would be the key again. ` +
    'Use larger units, such as milliseconds instead of nanoseconds; or make the field a bigint, @Field(() => BigInt), with ' +
    'bigint distances such as 100n: they are exact.'
  );
}

function noDate(what: string): string {
  return `${what} reaches beyond the last or the first Date that there is. ${leaveOut}`;
}

function tooFar(what: string): string {
  return `${what} reaches beyond what a number holds. ${leaveOut}`;
}

const leaveOut = 'Leave such elements out, or have them skipped.';

/**
 * The borders of a window over Dates are Dates, so fractions of a millisecond would be cut: a window could end where it
 * starts.
 */
function noMillisecond(what: string): string {
  return `${what} is not in whole milliseconds, and the borders of a window over Dates are Dates. Use whole milliseconds.`;
}

/** The computations that a matching does with parent keys. */
export function arithmeticOfMatching({ distances = [] }: Matching): readonly KeyArithmetic[] {
  return distances.flatMap(({ what, by }) => adding(`${what} ${by}`, by));
}

/** The computation that an order policy does with the key by which its node is reordered. */
export function arithmeticOfOrder(order: OrderPolicy): readonly KeyArithmetic[] {
  return order.policy === 'slack' ? adding(`the slack ${order.slack}`, -order.slack) : [];
}

/** The longest calendar window plus the largest offset from UTC, in milliseconds. */
const calendarReach = 40 * 86_400_000;

/** The borders of calendar windows are Dates. */
export const withinDates: readonly KeyArithmetic[] = [
  {
    safe: far,
    safeDates: lastDate - calendarReach,
    problemOf: (_, isDate) => (isDate ? noDate("the calendar's window") : undefined),
  },
];

/** The computation of the borders of the windows around a key. */
export function aligning(window: Pick<HoppingDescription, 'size' | 'every' | 'offset'>): readonly KeyArithmetic[] {
  const { size, every, offset } = window;
  if (typeof size === 'bigint') return [];
  const reach = Math.abs(Number(offset)) + size;
  const step = Math.min(size, Number(every));
  const what = size === every ? `the window's size ${size}` : `the window's size ${size}, every ${every},`;
  // Far enough below 2^53 that the number of a window and its borders are right even if they are rounded.
  const safe = reach > far ? 0 : Math.max(0, Math.min(step * 2 ** 49 - reach, far));
  const isWhole = [size, every, offset].every(Number.isInteger);
  const { isExact, startOf, endOf, firstOver, lastFrom } = alignedBorders(window);
  return [
    {
      safe,
      safeDates: isWhole ? Math.min(safe, lastDate - reach - Number(every)) : 0,
      problemOf: (key, isDate) => {
        if (isDate && !isWhole) return noMillisecond(what);
        if (!Number.isFinite(key - reach) || !Number.isFinite(key + reach)) return tooFar(what);
        if (!isExact(key)) return tooSmall(what);
        const start = startOf(firstOver(key));
        const end = endOf(lastFrom(key));
        return isDate && start <= key && (start < -lastDate || end > lastDate) ? noDate(what) : undefined;
      },
    },
  ];
}
