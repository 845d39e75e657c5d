import { type Clock, systemClock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import { realTime } from '../../../base/real-time.js';
import type { Progress } from '../../report/progress.js';
import { progressText } from '../../report/progress-text.js';
import { isTerminal, loggerAbove, type TerminalLine, terminalLineOf } from '../../report/terminal-line.js';

const everyMs = 250;
/** The pace is that of the last two seconds. */
const samplesKept = 9;

/** Shows on the terminal of stderr how far a mill is, while it runs; what is quicker than a look shows nothing. */
export class TerminalProgress {
  private readonly samples: { readonly at: number; readonly read: number }[] = [];
  private cancel: (() => void) | undefined;

  private constructor(
    private readonly line: TerminalLine,
    private readonly clock: Clock,
  ) {}

  /** Undefined where there is no terminal. */
  static on(output: NodeJS.WriteStream | undefined, clock: Clock): TerminalProgress | undefined {
    return isTerminal(output) ? new TerminalProgress(terminalLineOf(output), clock) : undefined;
  }

  above(logger: Logger): Logger {
    return loggerAbove(() => this.line, logger);
  }

  start(progress: () => Progress): void {
    this.samples.push({ at: this.clock.now(), read: 0 });
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
    const { samples } = this;
    const now = { at: this.clock.now(), read: progress.nodes.reduce((sum, { read }) => sum + read, 0) };
    const first = samples[0] ?? now;
    if (samples.push(now) > samplesKept) samples.shift();
    const ms = now.at - first.at;
    this.line.show(this, progressText(progress, ms === 0 ? 0 : ((now.read - first.read) * 1_000) / ms));
  }

  /** To be looked at keeps no process alive. */
  private timer(callback: () => void): () => void {
    if (this.clock !== systemClock) return this.clock.setTimer(everyMs, callback);
    const timer = realTime.setTimeout(callback, everyMs).unref();
    return () => realTime.clearTimeout(timer);
  }
}
