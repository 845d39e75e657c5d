import type { Json } from '../../base/json.js';

/**
 * A commit of a lane with tables on disk: the run that made it, and the number of commits up to it. A copy on disk has
 * the place of its last one, and finds out what it lacks.
 */
export type LogPlace = readonly [run: string, commits: number];

/** The number of runs whose copies are recognized: with more, each commit would be larger. */
const mostRuns = 8;

/** The part of a commit that concerns the lane's tables. */
export interface TablesMark {
  /** The result of `KeptTables.flush`; null for none. */
  readonly kept: Json | undefined;
  /**
   * The number of keys of each table, by its name: if a restored table has another number, changes were lost. Undefined
   * if they were not counted.
   */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  /**
   * The last commit of each of the latest runs of the lane, in order. A copy with a later commit of a run has
   * changes that were undone, for example by restoring a backup of the progress. Only if some tables are on disk.
   */
  readonly log?: readonly LogPlace[] | undefined;
}

/** The log after another commit, of this run. */
export function logAfterCommit(log: readonly LogPlace[], run: string): readonly LogPlace[] {
  const [last, commits] = log.at(-1) ?? [undefined, 0];
  const others = last === run ? log.slice(0, -1) : log;
  return [...others, [run, commits + 1] as const].slice(-mostRuns);
}

/** Returns whether a commit is one of this log. */
export function isInLog(log: readonly LogPlace[], [run, commits]: LogPlace): boolean {
  return log.some(([each, last]) => each === run && commits <= last);
}

export function writeTablesMark({ kept, sizes, log }: TablesMark): Json {
  return { kept: kept ?? null, sizes, ...(log && { log }) } as unknown as Json;
}

/**
 * Also reads marks from before keys were counted: for tables in memory such a mark is just the result of `flush`. The log
 * of a mark from before it named runs is not used: stores on disk are filled again.
 */
export function readTablesMark(mark: Json): TablesMark {
  const { kept, sizes, log } = (mark ?? {}) as { [part: string]: Json };
  if (kept === undefined || (sizes === undefined && log === undefined)) return { kept: mark };
  const namesRuns = Array.isArray(log) && log.every(Array.isArray);
  return { ...(mark as unknown as TablesMark), log: namesRuns ? (log as unknown as TablesMark['log']) : undefined };
}
