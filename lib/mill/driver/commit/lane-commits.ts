import type { LaneMachine } from '../../lane/lane-machine.js';
import { type Checkpoint, checkpointOf, notEnded } from '../../resume/checkpoint.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { Committer } from './committer.js';
import type { LaterCalls } from './later-calls.js';

interface CommittedLane {
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  /** Only if calls complete later: then it determines what is written and committed. */
  readonly later: LaterCalls | undefined;
}

/**
 * Chooses the checkpoint that a lane commits: its current one or, if calls complete later, the one up to which their
 * results are complete.
 */
export class LaneCommits {
  /** The call at the end of the streams is in progress: all results before it have been handed over. */
  isAtEnd = false;
  /** All calls were made: the next commit says that the lane has ended. */
  private isFinal = false;

  constructor(private readonly parts: CommittedLane) {}

  /** Hands the available results to the writer. The returned promise is its back-pressure. */
  handOver(): Promise<unknown> | undefined {
    this.parts.later?.moveOn();
    return this.parts.committer.handOver(this.handedOver);
  }

  /** Like `handOver`, if the lane waits for open calls and did nothing since its last call. */
  handOverWaiting(): Promise<unknown> | undefined {
    this.parts.later?.handOver();
    return this.parts.committer.handOver(this.handedOver);
  }

  /** At the end of the lane: no results are held back any more. Those of the call at the end of the streams follow them. */
  handOverAll(): void {
    this.parts.later?.results.handOverAll();
  }

  commit(): Promise<void> {
    const { later, committer } = this.parts;
    if (later !== undefined && !this.isAtEnd) return later.commit();
    return committer.commit(this.checkpoint);
  }

  /** Finishes a lane that has ended, after all its calls. */
  finish(): Promise<void> {
    this.isFinal = true;
    return this.parts.committer.finish(this.checkpoint);
  }

  /**
   * The checkpoint of the lane. It does not say that the lane has ended until the calls at the end are made and the
   * outputs have their end marks: a lane that is stopped in its last call, or crashes after a commit there, continues
   * with them.
   */
  private readonly checkpoint = (): Checkpoint => {
    const { later, lane, inputs } = this.parts;
    const checkpoint = later?.endCheckpoint ?? checkpointOf(lane, inputs);
    return checkpoint.vector.ended === undefined || this.isFinal ? checkpoint : notEnded(checkpoint);
  };

  /** The checkpoint up to which results are handed over next. */
  private readonly handedOver = (): Checkpoint | undefined => {
    const { later } = this.parts;
    return later === undefined ? this.checkpoint() : later.results.handedOver;
  };
}
