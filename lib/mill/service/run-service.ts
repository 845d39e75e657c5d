import { constants } from 'node:os';
import type { Logger } from '../../base/logger.js';
import type { Health, HealthOptions } from '../report/health.js';
import type { RunReport } from '../report/run-report.js';
import { HealthServer } from './health-server.js';
import { checkServiceOptions, type ServiceOptions } from './service-options.js';
import { stderrLogger } from './stderr-logger.js';

/** What a service runs: a `WaterMill`. */
export interface ServiceMill {
  run(): Promise<RunReport>;
  stop(): Promise<void>;
  health(options?: HealthOptions): Health;
}

const signals = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof signals)[number];

/**
 * Runs a mill as the work of a process, also as PID 1 of a container, and gives the process its exit code.
 *
 * SIGTERM and SIGINT stop the mill: the element in work is finished, results are written, positions committed. A second
 * signal, or the end of the grace period, ends the process at once; what was not committed is read again by the next run.
 * An unhandled rejection or an uncaught exception is logged, stops the mill in the same way, and makes the run a failed one.
 *
 * Resolves when the mill is over, with the exit code, which is also set: 0 where it ended or was stopped, 1 where it
 * failed, 128 + the signal's number (143, 130) where it was ended by force. Never rejects. After a signal or a failure, a
 * process that something else keeps alive is ended when the grace period is over.
 *
 * @example
 * ```ts
 * await runService(new WaterMill({ process: SpeedMeter, joinTree: tree, broker, logger }), { healthPort: 8080 });
 * ```
 */
export async function runService(mill: ServiceMill, options: ServiceOptions = {}): Promise<number> {
  const service = new Service(mill, options);
  process.exitCode = await service.run();
  return process.exitCode;
}

class Service {
  private readonly logger: Logger;
  private readonly graceMs: number;
  private exitCode = 0;
  private signalled: Signal | undefined;
  private forcedEnd: NodeJS.Timeout | undefined;

  constructor(
    private readonly mill: ServiceMill,
    private readonly options: ServiceOptions,
  ) {
    this.logger = options.logger ?? stderrLogger;
    this.graceMs = options.graceMs ?? 25_000;
  }

  async run(): Promise<number> {
    for (const signal of signals) process.on(signal, this.onSignal);
    process.on('unhandledRejection', this.onRejection);
    process.on('uncaughtException', this.onException);
    // A mill that waits for a promise alone would let the process end in the middle, with exit code 0.
    const keepAlive = setInterval(() => {}, 2 ** 30);
    let server: HealthServer | undefined;
    try {
      checkServiceOptions(this.options);
      server = await this.listen();
      const report = await this.mill.run();
      // The whole report goes to the mill's own logger, which may be the same.
      this.logger.info({ ended: report.ended, calls: report.calls }, String(report).split('\n')[0] as string);
    } catch (error) {
      this.fail(error, 'The mill has failed');
    }
    await server?.close();
    clearInterval(keepAlive);
    this.letGo();
    return this.exitCode;
  }

  private async listen(): Promise<HealthServer | undefined> {
    const { healthPort, healthHost, stuckAfterMs } = this.options;
    if (healthPort === undefined) return undefined;
    const health = (): Health => this.mill.health(stuckAfterMs === undefined ? {} : { stuckAfterMs });
    const server = await HealthServer.listen(health, healthPort, healthHost);
    this.logger.info({ port: server.port }, `/healthz and /readyz answer on port ${server.port}`);
    return server;
  }

  private readonly onSignal = (signal: Signal): void => {
    if (this.signalled !== undefined) {
      this.logger.warn({ signal }, `${signal} again: ending at once`);
      this.endByForce();
    }
    this.signalled = signal;
    this.logger.info({ signal, graceMs: this.graceMs }, `${signal}: stopping within ${this.graceMs} ms`);
    this.stop();
  };

  private readonly onRejection = (reason: unknown): void => {
    this.fail(reason, 'A promise was rejected and nobody has handled it');
  };

  private readonly onException = (error: unknown): void => {
    this.fail(error, 'An error was thrown and nobody has caught it');
  };

  private fail(error: unknown, text: string): void {
    this.exitCode = 1;
    this.logger.error({ err: error }, text);
    this.stop();
  }

  private stop(): void {
    this.forcedEnd ??= setTimeout(() => {
      this.logger.error({ graceMs: this.graceMs }, `Not over within ${this.graceMs} ms: ending at once`);
      this.endByForce();
    }, this.graceMs);
    void this.mill.stop();
  }

  private endByForce(): never {
    process.exit(this.signalled === undefined ? 1 : 128 + constants.signals[this.signalled]);
  }

  /** The mill is over. What else the process does is its own affair, but not for longer than the grace period. */
  private letGo(): void {
    for (const signal of signals) process.off(signal, this.onSignal);
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtException', this.onException);
    if (this.forcedEnd === undefined) return;
    clearTimeout(this.forcedEnd);
    setTimeout(() => {
      this.logger.warn({ graceMs: this.graceMs }, 'Something keeps the process alive: ending it');
      process.exit(this.exitCode);
    }, this.graceMs).unref();
  }
}
