import type { Clock } from '../../base/clock.js';
import type { LaneStage } from './lane-stage.js';

/**
 * Lanes released within this time of each other are rebalanced in one round; a lane with a long call does not block the
 * others. Milliseconds.
 */
const shareAfterMs = 200;

/** A lane, as seen by the member that holds it. */
export interface MemberLane {
  readonly partition: number;
  readonly stage: LaneStage;
  readonly revoked: AbortSignal;
  revoke(): void;
  lose(): void;
}

/** The actions of a broker on the lanes assigned to its member of a group. Only `make` and `free` may throw. */
export interface LanesPort<L extends MemberLane> {
  readonly clock: Clock;
  /** Makes a lane from the group's last commit. Its previous owner is fenced by then. */
  make(partition: number): Promise<L>;
  /** Closes the lane's own resources. */
  free(lane: L): Promise<void>;
  /** Passes a lane to the mill. */
  push(lane: L): void;
  /** Triggers a rebalance of the group: another member waits for the released lanes. */
  rebalance(): void;
  /** Called when the lanes or their owners have changed. */
  changed(): void;
  failed(error: unknown, partition: number): void;
}

/**
 * The lanes in use by one member of a group. They change hands in two steps: a lane that the group assigns to another
 * member is revoked here and stays in use until the mill has released it; only then the other member gets it.
 */
export class MemberLanes<L extends MemberLane> {
  /** By partition: the lanes in use, and those that are being opened. */
  private readonly inUse = new Map<number, L | 'opening'>();
  private readonly opening = new Set<Promise<void>>();
  private readonly ended = new Set<number>();
  private wanted: ReadonlySet<number> = new Set();
  /** How many times the group dropped this member. */
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

  /** Returns whether the group has assigned this lane to this member. */
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

  /**
   * Applies an assignment of the group. `wasForgotten`: other members may have owned the lanes in use here in the
   * meantime.
   */
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

  /** Takes a lane for the broker's own use, not for the mill. */
  async take(partition: number): Promise<L> {
    this.inUse.set(partition, 'opening');
    const lane = await this.port.make(partition);
    this.inUse.set(partition, lane);
    return lane;
  }

  /** Notes that the mill has released a lane: it may start elsewhere, or here again. */
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

  /** Stops opening lanes. Those being opened are freed as soon as they are open. */
  close(): void {
    this.isClosed = true;
    this.cancelSharing();
  }

  /** Resolves when no lane is being opened any more. */
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
          this.port.push(lane);
        },
        (error) => this.port.failed(error, partition),
      )
      .finally(() => this.opening.delete(opening));
    this.opening.add(opening);
  }

  /** Rebalances immediately if this was the last lane to release: each round blocks all members. */
  private rebalance(): void {
    if (this.isClosed) return;
    this.cancelSharing();
    const share = (): void => this.port.rebalance();
    const hasMore = this.partitions.some((partition) => !this.wanted.has(partition));
    if (hasMore) this.cancelSharing = this.port.clock.setTimer(shareAfterMs, share);
    else share();
  }
}
