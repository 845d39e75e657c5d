import type { LaneMachine } from '../../lane/lane-machine.js';
import { type Checkpoint, checkpointOf } from '../../resume/checkpoint.js';
import type { CallResults } from '../calls/call-results.js';
import type { LaterCalls } from '../calls/later-calls.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { Committer } from './committer.js';

interface CommittedLane {
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  /** Where results come later: what is written and committed then goes by them. */
  readonly later: LaterCalls | undefined;
  readonly emit: CallResults['emit'];
}

/** Which place of a lane its commits record: its current one or, if results come later, the one up to which they are complete. */
export class LaneCommits {
  /** The call at the end of the streams is in progress: all results before it have been handed over. */
  isAtEnd = false;
  /** All calls are made: the next commit says that the lane has ended. */
  private isFinal = false;

  constructor(private readonly parts: CommittedLane) {}

  /** Hands the available results to the writer; a promise is its back-pressure. */
  handOver(): Promise<unknown> | undefined {
    const { later } = this.parts;
    if (later === undefined) this.passBadValues();
    else later.moveOn();
    return this.parts.committer.handOver(this.handedOver);
  }

  /** The same while the lane waits for results that come later, and has done nothing since its last call. */
  handOverWaiting(): Promise<unknown> | undefined {
    this.parts.later?.handOver();
    return this.parts.committer.handOver(this.handedOver);
  }

  /** The same at the end of the lane: of those that came later all, and what is called at the end follows. */
  handOverAll(): void {
    const { later } = this.parts;
    if (later === undefined) this.passBadValues();
    else later.handOverAll();
  }

  commit(): Promise<void> {
    const { later, committer } = this.parts;
    if (later !== undefined && !this.isAtEnd) return later.commit();
    this.passBadValues();
    return committer.commit(this.place);
  }

  /** The lane has ended, and all its calls are made. */
  finish(): Promise<void> {
    this.isFinal = true;
    return this.parts.committer.finish(this.place);
  }

  /**
   * The place of the lane. It has not ended before what is called then has been called and the outputs have their end marks:
   * a lane that is stopped in its last call, or dies after a commit there, continues with them.
   */
  private readonly place = (): Checkpoint => {
    const { later, lane, inputs } = this.parts;
    const place = later?.endPlace ?? checkpointOf(lane, inputs);
    return place.vector.ended === undefined || this.isFinal ? place : notEnded(place);
  };

  /** Up to where the results are that are handed over next. */
  private readonly handedOver = (): Checkpoint | undefined => {
    const { later } = this.parts;
    return later === undefined ? this.place() : later.results.handedOver;
  };

  private passBadValues(): void {
    this.parts.inputs.passBadValues(this.parts.lane, this.parts.emit);
  }
}

/** The same place of a lane that continues there. */
function notEnded({ vector, ...place }: Checkpoint): Checkpoint {
  const { ended: _, ...rest } = vector;
  return { ...place, vector: rest };
}
