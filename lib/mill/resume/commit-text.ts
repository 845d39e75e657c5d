import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { LaneVector } from './lane-vector.js';
import type { ReadMark } from './read-marks.js';

/** The contents of one commit of a lane, as the text that `BrokerLane.commit` takes. */
export interface LaneCommit {
  readonly vector: LaneVector;
  /** One per node: the mark to open its stream at; null for the beginning. */
  readonly marks: readonly (ReadMark | null)[];
  /** The result of `LaneWriter.flush`. */
  readonly sink: Json | undefined;
  /** As written by `tables-mark.ts`. Undefined if there are no tables. */
  readonly tables?: Json | undefined;
  /** The result of `LagWatch.toJson`, if streams are watched. */
  readonly lags?: Json | undefined;
  /** One per node: dead letters of bad messages below this position are written. */
  readonly letters: readonly number[];
  /** If the lane has ended: where its streams ended. Only where `why` may read it. */
  readonly end?: StreamEnds | undefined;
  /** The ends after which the lane continued, of the last ones. */
  readonly ends?: readonly StreamEnds[] | undefined;
  /** The lane had ended, and continues from here. Not part of the text. */
  readonly isContinued?: boolean;
}

/** One per node: the position after the last element of its stream; null if the lane did not read it to its end. */
export type StreamEnds = readonly (number | null)[];

const VERSION = 2;
/** The most ends that a commit remembers. */
const mostEnds = 100;

/** The ends of a lane that continues after one. */
export function endsWith({ ends = [], end }: LaneCommit): readonly StreamEnds[] {
  return end === undefined ? ends : [...ends, end].slice(-mostEnds);
}

export function writeCommit(commit: LaneCommit, { fingerprint, outline }: CommittedPlan): string {
  const { vector, marks, sink, tables, lags, letters, end, ends } = commit;
  return JSON.stringify({
    version: VERSION,
    plan: fingerprint,
    outline,
    lane: vector,
    marks,
    letters,
    sink,
    tables,
    lags,
    end,
    ends,
  });
}

/** The plan that a commit belongs to. */
export interface CommittedPlan {
  readonly fingerprint: string;
  /** A description of each part of the plan, by its name. */
  readonly outline: Readonly<Record<string, string>> | undefined;
}

/** A commit, and the plan that made it. */
export interface FoundCommit {
  readonly commit: LaneCommit;
  readonly plan: CommittedPlan;
}

/** Reads a commit; a text of another version is an error. */
export function readCommit(text: string, place: CommitPlace): FoundCommit {
  const parsed = parse(text, place);
  const commit = {
    vector: parsed.lane as LaneVector,
    marks: parsed.marks as (ReadMark | null)[],
    letters: parsed.letters as number[],
    sink: parsed.sink,
    tables: parsed.tables,
    lags: parsed.lags,
    end: parsed.end,
    ends: parsed.ends,
  };
  return { commit, plan: { fingerprint: String(parsed.plan), outline: parsed.outline } };
}

/** Where a commit was found. */
export interface CommitPlace {
  readonly broker: string;
  readonly lane: string;
  /** The file or key that holds it, if the broker names one. */
  readonly file?: string | undefined;
}

interface Parsed {
  readonly version?: unknown;
  readonly plan?: unknown;
  readonly outline?: Readonly<Record<string, string>>;
  readonly lane?: unknown;
  readonly marks?: unknown;
  readonly letters?: unknown;
  readonly sink?: Json;
  readonly lags?: Json;
  readonly tables?: Json;
  readonly end?: StreamEnds;
  readonly ends?: readonly StreamEnds[];
}

function parse(text: string, place: CommitPlace): Parsed {
  let parsed: Parsed | null = null;
  let cause: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (
    parsed?.version === VERSION &&
    Array.isArray(parsed.marks) &&
    Array.isArray(parsed.letters) &&
    typeof parsed.lane === 'object'
  )
    return parsed;
  const found = parsed?.version === undefined ? 'something else' : `version ${parsed.version}`;
  const { broker, lane, file } = place;
  const where = file === undefined ? '' : `, in ${file},`;
  throw new WaterMillError(
    'WM_COMMIT_UNREADABLE',
    `The progress that ${broker} holds for lane ${lane}${where} cannot be read: expected version ${VERSION} of WaterMill's commit, found ${found}. ` +
      'Run it with the version of WaterMill that wrote it, or delete the kept progress and the results to start over.',
    { ...place, expected: `version ${VERSION}`, found },
    { cause },
  );
}
