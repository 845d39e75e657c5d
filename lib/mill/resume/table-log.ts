import type { Json } from '../../base/json.js';

/** Which life of a lane its changes are of, and how many commits it has had: so a copy on disk knows what it lacks. */
export type LogPlace = readonly [id: string, commits: number];

/** What a commit says of tables where some are on disk. */
interface MarkWithLog {
  readonly log: LogPlace;
  /** What `KeptTables.flush` gave. */
  readonly kept: Json;
}

export function withLog(kept: Json, log: LogPlace): Json {
  return { log, kept } satisfies MarkWithLog as unknown as Json;
}

/** The mark of a commit, of a mill with tables on disk or without. */
export function readLog(mark: Json | undefined): {
  readonly kept: Json | undefined;
  readonly log: LogPlace | undefined;
} {
  const { log, kept } = (mark ?? {}) as unknown as Partial<MarkWithLog>;
  // The mark of a broker may have tables with these names in it.
  return typeof log?.[0] === 'string' && kept !== undefined ? { kept, log } : { kept: mark, log: undefined };
}
