import type { WindowDescription } from '../../joins/window.js';
import type { LaneMachine } from '../lane/lane-machine.js';

/**
 * Asks an open window again when its master is quiet: an expression window every poll timeout, by its `onTimeout`; a
 * batch window once its first element has waited for the window's timeout.
 */
export class WindowTimer {
  private quietSince: number | undefined;
  private batchSince: number | undefined;
  private lastFed = 0;
  private lastCalls = 0;

  constructor(
    private readonly window: WindowDescription | undefined,
    private readonly pollTimeoutMs: number | undefined,
  ) {}

  /** Whether time has a say in this window at all. */
  get active(): boolean {
    const { window } = this;
    if (window?.type === 'batch') return true;
    return window?.type === 'expression' && window.onTimeout !== undefined && this.pollTimeoutMs !== undefined;
  }

  /** The master got elements. */
  fed(now: number): void {
    this.quietSince = undefined;
    this.lastFed = now;
  }

  /** The lane waits for its master; `open` survivors are in the batch window in work, after so many calls. */
  waits(now: number, open: number, calls: number): void {
    this.quietSince ??= now;
    if (open === 0) this.batchSince = undefined;
    else if (this.batchSince === undefined || calls !== this.lastCalls) this.batchSince = this.lastFed;
    this.lastCalls = calls;
  }

  get deadline(): number | undefined {
    if (!this.active) return undefined;
    const { window } = this;
    return window?.type === 'batch'
      ? plus(this.batchSince, window.timeoutMs)
      : plus(this.quietSince, this.pollTimeoutMs);
  }

  /** Tells the lane, if it is time; whether it did. */
  ring(lane: LaneMachine, now: number): boolean {
    const { deadline, window } = this;
    if (deadline === undefined || now < deadline) return false;
    this.quietSince = now;
    this.batchSince = undefined;
    lane.timeout(window?.type === 'expression' ? window.onTimeout?.() : undefined);
    return true;
  }
}

function plus(since: number | undefined, ms: number | undefined): number | undefined {
  return since === undefined || ms === undefined ? undefined : since + ms;
}
