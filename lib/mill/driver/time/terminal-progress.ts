import { type Clock, systemClock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import { realTime } from '../../../base/real-time.js';
import { Pace } from '../../report/pace.js';
import type { Progress } from '../../report/progress.js';
import { progressText } from '../../report/progress-text.js';
import { isTerminal, loggerAbove, type TerminalLine, terminalLineOf } from '../../report/terminal-line.js';

const everyMs = 250;

/** Shows the progress of a running mill on the terminal of stderr. A run shorter than the interval shows nothing. */
export class TerminalProgress {
  private readonly pace = new Pace();
  private cancel: (() => void) | undefined;

  private constructor(
    private readonly line: TerminalLine,
    private readonly clock: Clock,
  ) {}

  /** Undefined if there is no terminal. */
  static on(output: NodeJS.WriteStream | undefined, clock: Clock): TerminalProgress | undefined {
    return isTerminal(output) ? new TerminalProgress(terminalLineOf(output), clock) : undefined;
  }

  above(logger: Logger): Logger {
    return loggerAbove(() => this.line, logger);
  }

  start(progress: () => Progress): void {
    this.pace.begin(this.clock.now());
    this.next(progress);
  }

  stop(): void {
    this.cancel?.();
    this.line.remove(this);
  }

  private next(progress: () => Progress): void {
    this.cancel = this.timer(() => {
      this.look(progress());
      this.next(progress);
    });
  }

  private look(progress: Progress): void {
    this.line.show(this, progressText(progress, this.pace.perSecond(progress, this.clock.now())));
  }

  /** The timer does not keep the process alive. */
  private timer(callback: () => void): () => void {
    if (this.clock !== systemClock) return this.clock.setTimer(everyMs, callback);
    const timer = realTime.setTimeout(callback, everyMs).unref();
    return () => realTime.clearTimeout(timer);
  }
}
