import type { Json } from '../../base/json.js';

/**
 * The identity of a lane's log of changes, and the number of its commits: a copy on disk finds out with it what it
 * lacks.
 */
export type LogPlace = readonly [id: string, commits: number];

/** The part of a commit that concerns the lane's tables. */
export interface TablesMark {
  /** The result of `KeptTables.flush`; null for none. */
  readonly kept: Json | undefined;
  /**
   * The number of keys of each table, by its name: if a restored table has another number, changes were lost. Undefined
   * if they were not counted.
   */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  /** Only if some tables are on disk. */
  readonly log?: LogPlace | undefined;
}

export function writeTablesMark({ kept, sizes, log }: TablesMark): Json {
  return { kept: kept ?? null, sizes, ...(log && { log }) } as unknown as Json;
}

/** Also reads marks from before keys were counted: for tables in memory such a mark is just the result of `flush`. */
export function readTablesMark(mark: Json): TablesMark {
  const { kept, sizes, log } = (mark ?? {}) as { [part: string]: Json };
  if (kept === undefined || (sizes === undefined && log === undefined)) return { kept: mark };
  return mark as unknown as TablesMark;
}
