import type { EntryId } from '../entries/entry-id.js';

/** The last entry that was read of a stream, and the number of entries read. JSON. */
export interface StreamEnd {
  readonly after: EntryId;
  /** The number of entries ever added up to that one, if known. */
  readonly added?: number;
  readonly position: number;
}

/** How far a lane had read its streams when it ended, by key. */
export type StreamEnds = Readonly<Record<string, StreamEnd>>;
