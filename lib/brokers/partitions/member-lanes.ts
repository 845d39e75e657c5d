import type { Clock } from '../../base/clock.js';
import type { LaneStage } from './lane-stage.js';

/** Lanes that are released soon after each other are rebalanced in one round; one with a long call does not block others. */
const shareAfterMs = 200;

/** A lane as the member that holds it sees it. */
export interface MemberLane {
  readonly partition: number;
  readonly stage: LaneStage;
  readonly revoked: AbortSignal;
  revoke(): void;
  lose(): void;
}

/** What a broker does with the lanes that its member of a group is given. No callback but `make` and `free` may throw. */
export interface LanesPort<L extends MemberLane> {
  readonly clock: Clock;
  /** Makes a lane from what the group has committed; its previous owner is fenced by then. */
  make(partition: number): Promise<L>;
  /** Closes the lane's own resources. */
  free(lane: L): Promise<void>;
  /** Gives a lane to the mill. */
  give(lane: L): void;
  /** Has the group rebalanced: another member waits for what was released. */
  rebalance(): void;
  /** The lanes, or who has which, have changed. */
  changed(): void;
  failed(error: unknown, partition: number): void;
}

/**
 * The lanes that one member of a group has in use. They change hands in two steps: one that the group gives to another
 * member is revoked here, stays in use until the mill has released it, and only then the other one gets it.
 */
export class MemberLanes<L extends MemberLane> {
  /** Those in use, and those on their way to be; by partition. */
  private readonly inUse = new Map<number, L | 'opening'>();
  private readonly opening = new Set<Promise<void>>();
  private readonly ended = new Set<number>();
  private wanted: ReadonlySet<number> = new Set();
  /** How often the group had forgotten this member. */
  private timesForgotten = 0;
  private isClosed = false;
  private cancelSharing: () => void = () => {};

  constructor(private readonly port: LanesPort<L>) {}

  /** The partitions of the lanes in use. */
  get partitions(): readonly number[] {
    return [...this.inUse.keys()];
  }

  get isIdle(): boolean {
    return this.inUse.size === 0 && !this.isClosed;
  }

  /** Whether the group has given it to this member. */
  isWanted(partition: number): boolean {
    return this.wanted.has(partition);
  }

  /** The lane, if it is open. */
  get(partition: number): L | undefined {
    const lane = this.inUse.get(partition);
    return lane === 'opening' ? undefined : lane;
  }

  get open(): readonly L[] {
    return [...this.inUse.values()].filter((lane) => lane !== 'opening');
  }

  /** The group has assigned these to this member. `wasForgotten`: others may have owned in the meantime what is in use here. */
  assigned(partitions: readonly number[], wasForgotten: boolean): void {
    this.wanted = new Set(partitions);
    if (wasForgotten) this.timesForgotten++;
    for (const lane of this.open) {
      if (wasForgotten) lane.lose();
      else if (!this.wanted.has(lane.partition)) lane.revoke();
    }
    for (const partition of partitions) this.openLane(partition);
    this.port.changed();
  }

  /** A lane for work of the broker's own, not for the mill. */
  async take(partition: number): Promise<L> {
    this.inUse.set(partition, 'opening');
    const lane = await this.port.make(partition);
    this.inUse.set(partition, lane);
    return lane;
  }

  /** The mill no longer uses a lane: it may start elsewhere, or here again. */
  async released(lane: L): Promise<void> {
    const { partition } = lane;
    if (this.inUse.get(partition) !== lane) return;
    await this.port.free(lane);
    this.inUse.delete(partition);
    if (lane.stage === 'ended') this.ended.add(partition);
    else if (lane.revoked.aborted && this.wanted.has(partition)) this.openLane(partition);
    if (!this.wanted.has(partition)) this.rebalance();
    this.port.changed();
  }

  /** No more lanes are opened; those that are on their way are freed as they come. */
  close(): void {
    this.isClosed = true;
    this.cancelSharing();
  }

  /** Resolves when none is on its way any longer. */
  async opened(): Promise<void> {
    await Promise.allSettled(this.opening);
  }

  private openLane(partition: number): void {
    if (this.inUse.has(partition) || this.ended.has(partition) || this.isClosed) return;
    this.inUse.set(partition, 'opening');
    const { timesForgotten } = this;
    const opening = this.port
      .make(partition)
      .then(
        async (lane) => {
          if (this.isClosed) {
            await this.port.free(lane);
            return;
          }
          this.inUse.set(partition, lane);
          if (timesForgotten !== this.timesForgotten) lane.lose();
          else if (!this.wanted.has(partition)) lane.revoke();
          this.port.give(lane);
        },
        (error) => this.port.failed(error, partition),
      )
      .finally(() => this.opening.delete(opening));
    this.opening.add(opening);
  }

  /** At once if this was the last lane to release: each round blocks all members. */
  private rebalance(): void {
    if (this.isClosed) return;
    this.cancelSharing();
    const share = (): void => this.port.rebalance();
    const hasMore = this.partitions.some((partition) => !this.wanted.has(partition));
    if (hasMore) this.cancelSharing = this.port.clock.setTimer(shareAfterMs, share);
    else share();
  }
}
