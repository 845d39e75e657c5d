/** The data that a group keeps with its position in one stream, for one lane. */
export interface KeptPosition<P extends KeptText> {
  readonly stream: string;
  /** The text of the lane's commit; undefined if there is none. */
  readonly progress: P | undefined;
  /** The position belongs to a commit whose text is kept with another stream. */
  readonly isCompanion: boolean;
}

/** A text, and the plan that committed it. */
interface KeptText {
  readonly plan: string;
}

/** The plan whose progress is searched for, and the errors for unexpected findings. */
export interface ProgressSearch<P extends KeptText> {
  readonly plan: string;
  /** The streams that the plan reads; the first one carries the text. */
  readonly streams: readonly string[];
  readonly kept: readonly KeptPosition<P>[];
  /** The error for a position that something else has written. */
  foreign(stream: string): Error;
  /** The error for a position without a text. */
  gone(stream: string): Error;
  /** Throws if the stream of this name is not the one that was read. */
  check(stream: string): void;
}

/**
 * Finds the commit of a lane: the one of this plan, kept with the position of its first stream, or else the one of
 * another plan, which may have read other streams. Positions in the plan's streams that something else has written are
 * an error.
 */
export function findProgress<P extends KeptText>(search: ProgressSearch<P>): P | undefined {
  const { plan, kept } = search;
  const [carrier] = search.streams;
  const streams = new Set(search.streams);
  const foreign = kept.find(({ stream, progress, isCompanion }) => streams.has(stream) && !progress && !isCompanion);
  if (foreign !== undefined) throw search.foreign(foreign.stream);
  const first = kept.find(({ stream }) => stream === carrier)?.progress;
  if (first?.plan === plan) {
    for (const stream of streams) search.check(stream);
    return first;
  }
  const former = [first, ...kept.map(({ progress }) => progress)].find((each) => each && each.plan !== plan);
  const orphan = kept.find(({ stream }) => streams.has(stream));
  if (former === undefined && orphan !== undefined) throw search.gone(orphan.stream);
  return former;
}
