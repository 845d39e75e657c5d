import type { LaneMachine } from '../../lane/lane-machine.js';
import { type Checkpoint, checkpointOf } from '../../resume/checkpoint.js';
import { OrderedResults } from '../calls/ordered-results.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { LaneContext } from '../lane-context.js';
import type { Committer } from './committer.js';

interface LaterLane {
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  readonly wake: () => void;
}

/**
 * The calls of a lane that complete later, because their results are saved or awaited: decides when their results are
 * written, and which checkpoint may be committed.
 */
export class LaterCalls {
  readonly results: OrderedResults;
  private readonly concurrency: number;
  private readonly mostHeld: number;
  private committed: Checkpoint | undefined;
  /** The checkpoint after the last call has been taken. */
  private isMarked = false;

  constructor(private readonly parts: LaterLane) {
    const { process, keys, plan, maxOpen } = parts.context;
    this.concurrency = plan.process.concurrency;
    this.mostHeld = Math.max(maxOpen, this.concurrency);
    this.results = new OrderedResults(
      process,
      keys,
      parts.committer.results,
      parts.wake,
      this.concurrency > 1,
      process.own?.isHolding,
    );
  }

  /** The lane must wait: too many calls are held or in progress, or the last call was made. */
  get isFull(): boolean {
    const { held, pending, isClosing } = this.results;
    return held >= this.mostHeld || (pending > 0 && pending >= this.concurrency) || isClosing;
  }

  /**
   * The final checkpoint of a lane whose process ended the stream while other calls were open; undefined to use the
   * lane's current one.
   */
  get endCheckpoint(): Checkpoint | undefined {
    const { end } = this.results;
    return end && { ...end, vector: { ...end.vector, ended: 'process' } };
  }

  callEnded(): void {
    this.isMarked = false;
    if (this.results.callEnds()) this.moveOn();
  }

  /**
   * Like `moveOn`, if the lane did nothing since the last call: then it takes no second checkpoint, which costs more
   * than a small call.
   */
  handOver(): void {
    if (!this.isMarked) this.moveOn();
    else if (!this.results.isOver) this.handOverMarked();
  }

  /**
   * Takes a checkpoint of the lane, and hands over the results up to it. Throws the error of a failed call when all
   * calls before it are done.
   */
  moveOn(): void {
    const { lane, inputs, context } = this.parts;
    if (this.results.isOver) return;
    const checkpoint = context.leader.abilities.remembers ? checkpointOf(lane, inputs) : undefined;
    // A vector that says that the lane is over is committed last, after the end of the outputs.
    if (checkpoint?.vector.ended === undefined) this.results.checkpoint(checkpoint);
    this.isMarked = true;
    this.handOverMarked();
  }

  /** Moves positions as far as results are complete. */
  async commit(): Promise<void> {
    const { context, committer } = this.parts;
    this.moveOn();
    const { handedOver } = this.results;
    if (context.leader.abilities.remembers && handedOver === this.committed) {
      committer.schedule.committed(context.clock.now());
      return;
    }
    await committer.commit(() => handedOver as Checkpoint);
    this.committed = handedOver;
  }

  private handOverMarked(): void {
    if (this.results.handOver()) this.parts.committer.schedule.advance(0);
  }
}
