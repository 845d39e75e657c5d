import type { Clock } from '../../../base/clock.js';
import { type Logger, silentLogger } from '../../../base/logger.js';
import { safeCall } from '../../../base/safe-call.js';
import { inSeconds, type Waiting } from '../../report/waiting.js';

export interface WatchdogOptions {
  readonly afterMs: number;
  readonly onWaiting: ((waiting: Waiting) => void) | undefined;
}

/** What a run waits for outside of its lanes, and since when. */
export interface Step {
  readonly what: string;
  readonly since: number;
}

/**
 * Reports lanes that are blocked while a mill runs, and steps of the run that do not end: first after `afterMs`, then
 * each time the duration has doubled.
 */
export class Watchdog {
  private readonly reported = new Map<string, Waiting>();
  private reportedStep: { readonly step: Step; readonly forMs: number } | undefined;
  private cancel: (() => void) | undefined;
  private isOver = false;

  constructor(
    private readonly lanes: () => readonly (Waiting | undefined)[],
    private readonly step: () => Step | undefined,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: WatchdogOptions,
  ) {}

  /** Does nothing without a callback and a logger. */
  start(): void {
    if (this.isOver || (this.options.onWaiting === undefined && this.logger === silentLogger)) return;
    this.cancel = this.clock.setTimer(this.options.afterMs / 2, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.isOver = true;
    this.cancel?.();
  }

  private look(): void {
    this.lookAtStep();
    for (const waiting of this.lanes()) {
      if (waiting === undefined || !waiting.isHeldUp || waiting.forMs < this.options.afterMs) continue;
      const before = this.reported.get(waiting.lane);
      const isSame = before?.for === waiting.for && before.forMs <= waiting.forMs;
      if (isSame && waiting.forMs < before.forMs * 2) continue;
      this.reported.set(waiting.lane, waiting);
      this.report(waiting);
    }
  }

  private lookAtStep(): void {
    const [step, last] = [this.step(), this.reportedStep];
    if (step === undefined) return;
    const forMs = this.clock.now() - step.since;
    if (forMs < this.options.afterMs || (last?.step === step && forMs < last.forMs * 2)) return;
    this.reportedStep = { step, forMs };
    this.logger.warn({ forMs }, `The run has waited for ${inSeconds(forMs)} for ${step.what}.`);
  }

  private report(waiting: Waiting): void {
    this.logger.warn({ ...waiting }, waiting.sentence);
    safeCall(
      () => this.options.onWaiting?.(waiting),
      (error) => this.logger.error({ err: error }, 'onWaiting failed'),
    );
  }
}
