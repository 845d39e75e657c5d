import type { Json } from '../../base/json.js';
import type { LaneCommit } from './commit-text.js';
import type { LaneVector } from './lane-vector.js';
import type { ReadMark } from './read-marks.js';

/**
 * A position in a lane's sequence of calls from which a restart can continue: a commit without the marks of its
 * outputs.
 */
export type Checkpoint = Omit<LaneCommit, 'sink' | 'tables'>;

interface Machine {
  vector(): LaneVector;
}

interface Inputs {
  readonly feeds: readonly { readonly timedOut: boolean }[];
  marksFor(from: readonly number[]): (ReadMark | null)[];
  readonly lettersBelow: readonly number[];
  readonly lags: { toJson(): Json } | undefined;
}

/** The current checkpoint of a lane. */
export function checkpointOf(lane: Machine, inputs: Inputs): Checkpoint {
  const vector = withoutTimeout(lane.vector(), inputs);
  const marks = inputs.marksFor(vector.nodes.map(({ from }) => from));
  const place = { vector, marks, letters: inputs.lettersBelow };
  return inputs.lags === undefined ? place : { ...place, lags: inputs.lags.toJson() };
}

/** A stream that a timeout has ended may have more elements after a restart. */
function withoutTimeout(vector: LaneVector, { feeds }: Inputs): LaneVector {
  if (vector.over === undefined || !feeds[vector.over[0]]?.timedOut) return vector;
  const { over: _, ...rest } = vector;
  return rest;
}
