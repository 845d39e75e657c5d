import type { Json } from '../../base/json.js';

/** Which life of a lane its changes are of, and how many commits it has had: so a copy on disk knows what it lacks. */
export type LogPlace = readonly [id: string, commits: number];

/** What a commit says of its lane's tables. */
export interface TablesMark {
  /** What `KeptTables.flush` gave; null: nothing. */
  readonly kept: Json | undefined;
  /** How many keys each has: what is restored has as many, or changes were lost. */
  readonly sizes?: readonly number[] | undefined;
  /** Where some are on disk. */
  readonly log?: LogPlace | undefined;
}

export function writeTablesMark({ kept, sizes, log }: TablesMark): Json {
  return { kept: kept ?? null, sizes, ...(log && { log }) } as unknown as Json;
}

export function readTablesMark(mark: Json): TablesMark {
  return mark as unknown as TablesMark;
}
