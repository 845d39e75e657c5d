import type { WindowDescription } from '../../../joins/window.js';
import type { LaneMachine } from '../../lane/lane-machine.js';

/** How long a window waits until it is asked again. */
interface Patience {
  /** Since its first element came, or since its master is quiet. */
  readonly since: 'first' | 'quiet';
  readonly ms: number;
  /** Gives the key with which it is asked. */
  readonly keyOf?: () => unknown;
}

function patienceOf(window: WindowDescription | undefined, pollTimeoutMs: number | undefined): Patience | undefined {
  switch (window?.type) {
    case 'batch':
      return { since: 'first', ms: window.timeoutMs };
    case 'expression':
      if (window.onTimeout === undefined || pollTimeoutMs === undefined) return undefined;
      return { since: 'quiet', ms: pollTimeoutMs, keyOf: window.onTimeout };
    case 'hopping':
    case 'sliding':
    case 'session':
    case 'count':
    case undefined:
      return undefined;
  }
}

/**
 * Asks an open window again when its master is quiet: an expression window every poll timeout, by its `onTimeout`; a
 * batch window once its first element has waited for the window's timeout.
 */
export class WindowTimer {
  private readonly patience: Patience | undefined;
  private quietSince: number | undefined;
  private batchSince: number | undefined;
  private lastFed = 0;
  private lastCalls = 0;

  constructor(window: WindowDescription | undefined, pollTimeoutMs: number | undefined) {
    this.patience = patienceOf(window, pollTimeoutMs);
  }

  /** Whether time has a say in this window at all. */
  get active(): boolean {
    return this.patience !== undefined;
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
    const { patience } = this;
    if (patience === undefined) return undefined;
    const since = patience.since === 'first' ? this.batchSince : this.quietSince;
    return since === undefined ? undefined : since + patience.ms;
  }

  /** Tells the lane, if it is time; whether it did. */
  ring(lane: LaneMachine, now: number): boolean {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return false;
    this.quietSince = now;
    this.batchSince = undefined;
    lane.timeout(this.patience?.keyOf?.());
    return true;
  }
}
