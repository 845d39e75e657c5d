import { constants } from 'node:os';
import { longestTimerMs } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { realTime } from '../../base/real-time.js';
import { StdioGuard } from './stdio-guard.js';

const signals = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof signals)[number];

/** One of the services of a process, as seen by the shared process. */
export interface ProcessService {
  readonly logger: Logger;
  readonly graceMs: number;
  /** The mill did not end within its grace period. */
  readonly isOverdue: boolean;
  /** Stops it within its grace period; repeated calls have no effect. */
  stop(): void;
  /** Marks it as failed, but not because of its own mill. */
  fail(): void;
}

/** The maximum number of unhandled failures that are logged: the logger itself may cause them. */
const mostFailures = 10;

/**
 * The state that the services of one process share: signals, unhandled failures, the exit code, and the forced end. It
 * exists while there is a service, and leaves only the last timer.
 */
export class ServiceProcess {
  private readonly services = new Set<ProcessService>();
  private readonly stdio = new StdioGuard();
  private signalled: Signal | undefined;
  private hasFailed = false;
  private failures = 0;
  private longestGraceMs = 0;
  private lastTimer: NodeJS.Timeout | undefined;

  /** Adds a service. If the process was told to end, the service is stopped before it reads anything. */
  add(service: ProcessService): void {
    if (this.services.size === 0) {
      this.longestGraceMs = 0;
      this.listen();
    }
    this.services.add(service);
    this.longestGraceMs = Math.max(this.longestGraceMs, service.graceMs);
    if (this.signalled !== undefined) service.stop();
    else this.cancelLastTimer();
  }

  /** Removes a service that is over. The process may do other work, but not for longer than the grace period. */
  remove(service: ProcessService, exitCode: number): void {
    this.services.delete(service);
    if (exitCode !== 0) this.hasFailed = true;
    const before = Number(process.exitCode ?? 0);
    process.exitCode = Math.max(Number.isNaN(before) ? 1 : before, exitCode);
    if (this.services.size > 0) {
      this.endIfOverdue();
      return;
    }
    this.unlisten();
    if (this.signalled !== undefined || this.hasFailed) this.endLater(service.logger);
  }

  private endLater(logger: Logger): void {
    this.lastTimer = realTime.setTimeout(
      () => {
        logger.warn({ graceMs: this.longestGraceMs }, 'Something keeps the process alive: ending it');
        process.exit();
      },
      Math.min(this.longestGraceMs, longestTimerMs),
    );
    this.lastTimer.unref();
  }

  /** Ends the process by force once all services have exceeded their grace periods. */
  endIfOverdue(): void {
    for (const { isOverdue } of this.services) if (!isOverdue) return;
    this.endByForce();
  }

  private cancelLastTimer(): void {
    if (this.lastTimer !== undefined) realTime.clearTimeout(this.lastTimer);
    this.lastTimer = undefined;
  }

  private listen(): void {
    for (const signal of signals) process.on(signal, this.onSignal);
    process.on('unhandledRejection', this.onRejection);
    process.on('uncaughtException', this.onException);
    this.stdio.listen();
  }

  private unlisten(): void {
    for (const signal of signals) process.off(signal, this.onSignal);
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtException', this.onException);
    this.stdio.unlisten();
    this.failures = 0;
  }

  private readonly onSignal = (signal: Signal): void => {
    if (this.signalled !== undefined) {
      this.log((logger) => logger.warn({ signal }, `${signal} again: ending at once`));
      this.endByForce();
    }
    this.signalled = signal;
    this.log((logger, graceMs) => logger.info({ signal, graceMs }, `${signal}: stopping within ${graceMs} ms`));
    for (const service of this.services) service.stop();
  };

  private readonly onRejection = (reason: unknown): void => {
    this.fail(reason, 'A promise was rejected and not handled');
  };

  private readonly onException = (error: unknown): void => {
    this.fail(error, 'An error was thrown and not caught');
  };

  /** The origin of the failure is unknown: all services end with it. */
  private fail(error: unknown, text: string): void {
    this.failures++;
    const last = this.failures === mostFailures ? '. Further ones are not logged' : '';
    if (this.failures <= mostFailures) this.log((logger) => logger.error({ err: error }, `${text}${last}`));
    for (const service of this.services) service.fail();
  }

  /** Logs once per logger, with the longest grace period of its services. */
  private log(write: (logger: Logger, graceMs: number) => void): void {
    const graces = new Map<Logger, number>();
    for (const { logger, graceMs } of this.services) graces.set(logger, Math.max(graces.get(logger) ?? 0, graceMs));
    for (const [logger, graceMs] of graces) write(logger, graceMs);
  }

  private endByForce(): never {
    process.exit(this.signalled === undefined ? 1 : 128 + constants.signals[this.signalled]);
  }
}
