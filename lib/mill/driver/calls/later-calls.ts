import type { LaneMachine } from '../../lane/lane-machine.js';
import { type Checkpoint, checkpointOf } from '../commit/checkpoint.js';
import type { LaneOutput } from '../commit/lane-output.js';
import type { LaneInputs } from '../input/lane-inputs.js';
import type { LaneContext } from '../lane-context.js';
import { HeldResults } from './held-results.js';

interface LaterLane {
  readonly context: LaneContext;
  readonly lane: LaneMachine;
  readonly inputs: LaneInputs;
  readonly output: LaneOutput;
  readonly wake: () => void;
}

/** One lane's calls whose results are saved later: when they are written, and what may be committed then. */
export class LaterCalls {
  readonly results: HeldResults;
  private committed: Checkpoint | undefined;

  constructor(private readonly parts: LaterLane) {
    const { process, keys } = parts.context;
    this.results = new HeldResults(process, keys, parts.output.results, parts.wake);
  }

  /** So many calls are held that the lane has to wait. */
  get isFull(): boolean {
    return this.results.held >= this.parts.context.maxOpen;
  }

  callEnded(): void {
    if (this.results.callEnds()) this.moveOn();
  }

  /** Marks the place where the lane stands, and hands over what is saved up to it. */
  moveOn(): void {
    const { lane, inputs, context } = this.parts;
    inputs.passBadValues(lane, this.results.emit);
    const checkpoint = context.broker.abilities.remembers ? checkpointOf(lane, inputs) : undefined;
    // A vector that says that the lane is over is committed last, behind the end of the outputs.
    if (checkpoint?.vector.ended === undefined) this.results.checkpoint(checkpoint);
    this.release();
  }

  /** Moves positions as far as results are saved. */
  async commit(): Promise<void> {
    const { context, output } = this.parts;
    this.moveOn();
    const { released } = this.results;
    if (context.broker.abilities.remembers && released === this.committed) {
      output.schedule.committed(context.clock.now());
      return;
    }
    await output.commit(() => released as Checkpoint);
    this.committed = released;
  }

  /** All is saved and the lane has ended: hands over the rest. */
  releaseAll(): void {
    this.results.releaseAll();
  }

  private release(): void {
    if (this.results.release()) this.parts.output.schedule.advance(0);
  }
}
