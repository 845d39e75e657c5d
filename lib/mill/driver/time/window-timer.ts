import type { WindowDescription } from '../../../joins/windows/window.js';
import { kindOf, type WindowClock } from '../../../joins/windows/window-kinds.js';
import type { LaneMachine } from '../../lane/lane-machine.js';
import type { WindowAges } from '../../lane/windows/windows.js';

/**
 * Times out open windows when the master is silent: an expression window every poll timeout, by its `onTimeout`; a
 * batch window once its first element has waited for the window's timeout, each value's window on its own.
 */
export class WindowTimer {
  private readonly clock: WindowClock | undefined;
  private quietSince: number | undefined;
  private batchSince: number | undefined;
  private lastFed = 0;
  private lastCalls = 0;
  /** For batches by value: how many had been opened by which time, starting with the oldest open one. */
  private readonly opened: { readonly upTo: number; readonly at: number }[] = [];
  private seen = 0;

  constructor(window: WindowDescription | undefined, pollTimeoutMs: number | undefined) {
    this.clock = window && kindOf(window).clock(window, pollTimeoutMs);
  }

  /** Whether the window has a timeout. */
  get active(): boolean {
    return this.clock !== undefined;
  }

  /** Notes that the master was fed elements. */
  fed(now: number): void {
    this.quietSince = undefined;
    this.lastFed = now;
  }

  /** Notes that the lane is waiting for its master, after this many calls. */
  waits(now: number, { nodes, windowAges }: LaneMachine, calls: number): void {
    this.quietSince ??= now;
    if (windowAges === undefined) this.noteBatch(nodes[0]?.inWindows() ?? 0, calls);
    else this.noteBatches(windowAges);
  }

  /** `open`: the number of survivors in the current batch window. */
  private noteBatch(open: number, calls: number): void {
    if (open === 0) this.batchSince = undefined;
    else if (this.batchSince === undefined || calls !== this.lastCalls) this.batchSince = this.lastFed;
    this.lastCalls = calls;
  }

  private noteBatches({ openings, oldestOpening }: WindowAges): void {
    const { opened } = this;
    // None is open, or the lane has not reached the point before a restart yet: windows seen later are new to the
    // clock.
    const oldest = oldestOpening ?? Number.POSITIVE_INFINITY;
    if (oldestOpening !== undefined && openings > this.seen) {
      opened.push({ upTo: openings, at: this.lastFed });
      this.seen = openings;
    }
    while (opened[0] !== undefined && opened[0].upTo <= oldest) opened.shift();
    this.batchSince = opened[0]?.at;
  }

  get deadline(): number | undefined {
    const { clock } = this;
    if (clock === undefined) return undefined;
    const since = clock.since === 'first' ? this.batchSince : this.quietSince;
    return since === undefined ? undefined : since + clock.ms;
  }

  /** Times out the window, if that is due. Returns whether it was. */
  ring(lane: LaneMachine, now: number): boolean {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return false;
    this.quietSince = now;
    this.batchSince = undefined;
    lane.timeout(lane.windowAges === undefined ? this.clock?.keyOf?.() : (this.opened[0]?.upTo ?? 0) - 1);
    return true;
  }
}
