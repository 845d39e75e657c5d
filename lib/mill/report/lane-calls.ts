import type { CallAnswer, CallsAnswer, UnmatchedAnswer } from '../lane/answer.js';

/**
 * The calls of one lane, as its driver makes them: each returns whether the process function ended the stream, or a
 * promise of that. Watchers wrap them.
 */
export interface LaneCalls {
  /** The promise of the last call, if the lane does not wait for it because several calls may be in progress. */
  readonly inProgress: Promise<unknown> | undefined;
  call(call: CallAnswer): boolean | Promise<boolean>;
  /** Makes calls from `done` on, as far as possible without waiting. */
  several(answer: CallsAnswer): boolean | Promise<boolean>;
  unmatched(answer: UnmatchedAnswer): boolean | Promise<boolean>;
}

/** Wraps the calls of a lane. */
export type WatchCalls = (calls: LaneCalls) => LaneCalls;
