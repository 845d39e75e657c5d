import type { Clock } from '../../base/clock.js';
import { closingLane, type LaneStage } from './lane-stage.js';

/**
 * The intervals at which a member without lanes checks whether all others have ended: short at first, then longer.
 * Milliseconds.
 */
const firstLookMs = 50;
const lastLookMs = 1_000;

export interface GroupEndSetup {
  readonly clock: Clock;
  /** The number of lanes. */
  readonly lanes: number;
  /** The stages that the group has committed, by lane. */
  readonly stages: () => Promise<ReadonlyMap<number, LaneStage>>;
  /** Returns whether this member has nothing else to do. */
  readonly isIdle: () => boolean;
  readonly hasLane: (lane: number) => boolean;
  /** Ends the outputs that all lanes write to, and the closing lane with them. */
  readonly close: () => Promise<void>;
  /** Called when all lanes have ended. */
  readonly ended: () => void;
  readonly failed: (error: unknown) => void;
}

/** Lets a member without lanes wait until those of all others have ended: it may have to take one over. */
export class GroupEnd {
  private cancel: () => void = () => {};
  private looks = 0;
  private looking: Promise<void> | undefined;

  constructor(private readonly setup: GroupEndSetup) {}

  look(pauseMs = firstLookMs): void {
    this.cancel();
    if (!this.setup.isIdle()) return;
    const look = ++this.looks;
    this.looking = this.settle().then(
      (isOver) => {
        if (isOver) this.setup.ended();
        else if (this.setup.isIdle() && look === this.looks)
          this.cancel = this.setup.clock.setTimer(pauseMs, () => this.look(Math.min(lastLookMs, pauseMs * 2)));
      },
      (error) => this.setup.failed(error),
    );
  }

  /** Resolves when nothing is in progress. */
  async stop(): Promise<void> {
    this.looks++;
    this.cancel();
    await this.looking;
  }

  /** Returns whether nothing is left to do. */
  private async settle(): Promise<boolean> {
    const stages = await this.setup.stages();
    const numbers = Array.from({ length: this.setup.lanes }, (_, lane) => lane);
    const left = numbers.filter((lane) => stages.get(lane) !== 'ended');
    const isClosing = left.length === 1 && left[0] === closingLane && stages.get(closingLane) === 'marked';
    if (!isClosing || !this.setup.hasLane(closingLane) || !this.setup.isIdle()) return left.length === 0;
    await this.setup.close();
    return false;
  }
}
