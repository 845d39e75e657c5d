import type { LaneMachine } from '../../lane/lane-machine.js';
import { type Checkpoint, checkpointOf } from '../../resume/checkpoint.js';
import type { Committer } from '../commit/committer.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { LaneContext } from '../lane-context.js';
import { OrderedResults } from './ordered-results.js';

interface LaterLane {
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly committer: Committer;
  readonly wake: () => void;
}

/** One lane's calls that are done later, saved or awaited: when their results are written, and what may be committed then. */
export class LaterCalls {
  readonly results: OrderedResults;
  private readonly concurrency: number;
  private readonly mostHeld: number;
  private committed: Checkpoint | undefined;
  /** The place after the last call is marked. */
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

  /** The lane has to wait, since too many calls are held or in progress, or the last one was made. */
  get isFull(): boolean {
    const { held, pending, isClosing } = this.results;
    return held >= this.mostHeld || (pending > 0 && pending >= this.concurrency) || isClosing;
  }

  /** The place of a lane whose process ended the stream while later calls were in progress; undefined: its own place. */
  get endPlace(): Checkpoint | undefined {
    const { hasEnded, handedOver } = this.results;
    if (!hasEnded || handedOver === undefined) return undefined;
    return { ...handedOver, vector: { ...handedOver.vector, ended: 'process' } };
  }

  callEnded(): void {
    this.isMarked = false;
    if (this.results.callEnds()) this.moveOn();
  }

  /** The same as `moveOn` where the lane has done nothing since the last call: a place is marked once, since that costs more than a small call. */
  handOver(): void {
    if (!this.isMarked) this.moveOn();
    else if (!this.results.isOver) this.handOverMarked();
  }

  /** Marks the place of the lane, and hands over the results up to it. Throws what failed, when its turn comes. */
  moveOn(): void {
    const { lane, inputs, context } = this.parts;
    if (this.results.isOver) return;
    inputs.passBadValues(lane, this.results.emit);
    const checkpoint = context.leader.abilities.remembers ? checkpointOf(lane, inputs) : undefined;
    // A vector that says that the lane is over is committed last, after the end of the outputs.
    if (checkpoint?.vector.ended === undefined) this.results.checkpoint(checkpoint);
    this.isMarked = true;
    this.handOverMarked();
  }

  /** Moves positions as far as results are there. */
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

  /** All is there and the lane has ended: hands over the rest. */
  handOverAll(): void {
    if (this.results.isOver) return;
    this.parts.inputs.passBadValues(this.parts.lane, this.results.emit);
    this.results.handOverAll();
  }

  private handOverMarked(): void {
    if (this.results.handOver()) this.parts.committer.schedule.advance(0);
  }
}
