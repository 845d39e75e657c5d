import type { CallAnswer, CallsAnswer, UnmatchedAnswer } from '../lane/answer.js';

/**
 * The calls of one lane as its driver makes them: each returns whether the process function ended the stream, or a promise of
 * that. Watchers of calls wrap them.
 */
export interface LaneCalls {
  /** Of the call made last, where the lane does not wait for it since several may be in progress: what it waits for itself. */
  readonly inProgress: Promise<unknown> | undefined;
  call(call: CallAnswer): boolean | Promise<boolean>;
  /** Makes calls from `done` on, as far as it can without waiting. */
  several(answer: CallsAnswer): boolean | Promise<boolean>;
  unmatched(answer: UnmatchedAnswer): boolean | Promise<boolean>;
}

/** Puts something in front of the calls of a lane. */
export type WatchCalls = (calls: LaneCalls) => LaneCalls;
