import type { WindowDescription } from '../../../joins/window.js';
import { kindOf, type WindowClock } from '../../../joins/windows/window-kinds.js';
import type { LaneMachine } from '../../lane/lane-machine.js';

/**
 * Asks an open window again when its master is quiet: an expression window every poll timeout, by its `onTimeout`; a
 * batch window once its first element has waited for the window's timeout.
 */
export class WindowTimer {
  private readonly clock: WindowClock | undefined;
  private quietSince: number | undefined;
  private batchSince: number | undefined;
  private lastFed = 0;
  private lastCalls = 0;

  constructor(window: WindowDescription | undefined, pollTimeoutMs: number | undefined) {
    this.clock = window && kindOf(window).clock(window, pollTimeoutMs);
  }

  /** Whether time has a say in this window at all. */
  get active(): boolean {
    return this.clock !== undefined;
  }

  /** The master got elements. */
  fed(now: number): void {
    this.quietSince = undefined;
    this.lastFed = now;
  }

  /** The lane waits for its master; `open` survivors are in the current batch window, after this many calls. */
  waits(now: number, open: number, calls: number): void {
    this.quietSince ??= now;
    if (open === 0) this.batchSince = undefined;
    else if (this.batchSince === undefined || calls !== this.lastCalls) this.batchSince = this.lastFed;
    this.lastCalls = calls;
  }

  get deadline(): number | undefined {
    const { clock } = this;
    if (clock === undefined) return undefined;
    const since = clock.since === 'first' ? this.batchSince : this.quietSince;
    return since === undefined ? undefined : since + clock.ms;
  }

  /** Tells the lane, if it is time; whether it did. */
  ring(lane: LaneMachine, now: number): boolean {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return false;
    this.quietSince = now;
    this.batchSince = undefined;
    lane.timeout(this.clock?.keyOf?.());
    return true;
  }
}
