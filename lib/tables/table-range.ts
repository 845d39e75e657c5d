import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { copyOfKey, type Key } from '../expressions/key.js';
import { knownOptions } from '../joins/option-checks.js';
import type { TableKeys } from './table-keys.js';

/** The elements of a table between two keys, both included, ordered by key. */
export interface TableRange<K> {
  /** The lowest key, also with `reverse`. Default: the first one. */
  readonly from?: K | undefined;
  /** The highest key. Default: the last one. */
  readonly to?: K | undefined;
  /** Starts with the highest key. Default: false. */
  readonly reverse?: boolean | undefined;
  /** The maximum number of elements. Default: all. */
  readonly limit?: number | undefined;
}

/**
 * Checks the options of `range`; the ends that it returns are copies. Throws `WM_TABLE_RANGE`, and `WM_TABLE_KEY` for an
 * end that is not a key of the table.
 */
export function checkedRange<K>(
  table: string,
  keys: TableKeys,
  options: TableRange<K> | undefined,
): {
  readonly from?: K | undefined;
  readonly to?: K | undefined;
  readonly reverse: boolean;
  readonly limit: number;
} {
  const role = `${table}.range()`;
  const { from, to, reverse, limit } = knownOptions(
    options ?? {},
    ['from', 'to', 'reverse', 'limit'],
    role,
    'WM_TABLE_RANGE',
  );
  if (reverse !== undefined && typeof reverse !== 'boolean') throw wrong(role, 'reverse', 'true or false', reverse);
  const isCount = Number.isSafeInteger(limit) || limit === Number.POSITIVE_INFINITY;
  if (limit !== undefined && !(isCount && (limit as number) >= 0))
    throw wrong(role, 'limit', 'a whole number, 0 or more', limit);
  if (from !== undefined) keys.idOf(from, 'from of range()');
  if (to !== undefined) keys.idOf(to, 'to of range()');
  return {
    from: ownEnd(from),
    to: ownEnd(to),
    reverse: reverse ?? false,
    limit: (limit as number | undefined) ?? Number.POSITIVE_INFINITY,
  };
}

/** The caller may change the end of a range, and one on disk is remembered. */
function ownEnd<K>(end: unknown): K | undefined {
  return end === undefined ? undefined : (copyOfKey(end as Key) as K);
}

function wrong(role: string, option: string, expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_TABLE_RANGE', `${role}: ${option} is ${found}; expected ${expected}.`, {
    expected,
    found,
  });
}
