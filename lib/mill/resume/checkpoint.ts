import type { Json } from '../../base/json.js';
import type { LaneCommit } from './commit-text.js';
import { continued, type LaneVector } from './lane-vector.js';
import type { ReadMark } from './read-marks.js';

/**
 * A position in a lane's sequence of calls from which a restart can continue: a commit without the marks of its
 * outputs.
 */
export interface Checkpoint extends Omit<LaneCommit, 'sink' | 'tables'> {
  /**
   * One per node: every element below this position has been processed. At the end of the master also those that the
   * vector keeps for elements appended to it.
   */
  readonly positions: readonly number[];
}

interface Machine {
  readonly nodes: readonly {
    readonly replay: { readonly from: number };
    readonly sourceEnded: boolean;
    readonly inbox: { readonly fedTo: number };
  }[];
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
  const from = positionsOf(vector);
  const positions =
    vector.ended === 'master' ? lane.nodes.map(({ replay }, i) => (i === 0 ? from[0]! : replay.from)) : from;
  const end = vector.ended && lane.nodes.map(({ sourceEnded, inbox }) => (sourceEnded ? inbox.fedTo : null));
  const marks = inputs.marksFor(from);
  const checkpoint = { vector, positions, marks, letters: inputs.lettersBelow, ...(end && { end }) };
  return inputs.lags === undefined ? checkpoint : { ...checkpoint, lags: inputs.lags.toJson() };
}

/** The checkpoint of a lane that continues from there. */
export function notEnded({ vector, end: _, ...checkpoint }: Checkpoint): Checkpoint {
  const rest = continued(vector);
  return { ...checkpoint, vector: rest, positions: positionsOf(rest) };
}

function positionsOf({ nodes }: LaneVector): readonly number[] {
  return nodes.map(({ from }) => from);
}

/** A stream that a timeout has ended may have more elements after a restart. */
function withoutTimeout(vector: LaneVector, { feeds }: Inputs): LaneVector {
  if (vector.over === undefined || !feeds[vector.over[0]]?.timedOut) return vector;
  const { over: _, ...rest } = vector;
  return rest;
}
