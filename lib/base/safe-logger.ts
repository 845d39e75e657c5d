import type { Logger } from './logger.js';
import { madeOnce } from './made-once.js';
import { safeCall } from './safe-call.js';
import { thrownSentence } from './thrown.js';

/**
 * Wraps a user's logger, which may throw, lack a method, or return a promise that rejects: the logging code is not
 * affected. Node prints one warning per such logger, since its lines are lost.
 */
export const safeLoggerOf = madeOnce((logger: Logger): Logger => new SafeLogger(logger));

class SafeLogger implements Logger {
  private hasFailed = false;

  constructor(private readonly logger: Logger) {}

  debug(fields: object, message: string): void {
    this.pass('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.pass('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.pass('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.pass('error', fields, message);
  }

  private pass(level: keyof Logger, fields: object, message: string): void {
    safeCall(
      () => this.logger[level](fields, message),
      (error) => this.failed(level, error),
    );
  }

  private failed(level: keyof Logger, error: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    // Not through a stream of the process: Node's warnings work whatever has happened to stderr.
    process.emitWarning(
      `The logger's ${level}() failed, so log entries may be lost; this is reported once. ${thrownSentence(error)}`,
      'WaterMillWarning',
    );
  }
}
