import type { Json } from '../../base/json.js';

/** Which life of a lane its changes are of, and how many commits it has had: so a copy on disk knows what it lacks. */
export type LogPlace = readonly [id: string, commits: number];

/** What a commit says of its lane's tables. */
export interface TablesMark {
  /** What `KeptTables.flush` gave; null: nothing. */
  readonly kept: Json | undefined;
  /** How many keys each has, by its name: what is restored has as many, or changes were lost. Undefined: they were not counted. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  /** Where some are on disk. */
  readonly log?: LogPlace | undefined;
}

export function writeTablesMark({ kept, sizes, log }: TablesMark): Json {
  return { kept: kept ?? null, sizes, ...(log && { log }) } as unknown as Json;
}

/** Also one that was written before keys were counted: of tables in memory, that is what `flush` gave, and nothing else. */
export function readTablesMark(mark: Json): TablesMark {
  const { kept, sizes, log } = (mark ?? {}) as { [part: string]: Json };
  if (kept === undefined || (sizes === undefined && log === undefined)) return { kept: mark };
  return mark as unknown as TablesMark;
}
