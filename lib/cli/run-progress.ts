import { systemClock } from '../base/clock.js';
import { realTime } from '../base/real-time.js';
import { TerminalProgress } from '../mill/driver/time/terminal-progress.js';
import { Pace } from '../mill/report/pace.js';
import type { Progress } from '../mill/report/progress.js';
import { progressText } from '../mill/report/progress-text.js';
import type { Printer } from './printer.js';

/** The interval of progress lines without a terminal. Milliseconds. */
const everyMs = 10_000;

/**
 * Shows the progress of a mill: on a terminal in a line that is updated, elsewhere in separate lines. Returns the
 * function that stops it.
 */
export function showProgress(printer: Printer, progress: () => Progress): () => void {
  const terminal = TerminalProgress.on(process.stderr, systemClock);
  if (terminal !== undefined) {
    terminal.start(progress);
    return () => terminal.stop();
  }
  const pace = new Pace();
  pace.begin(systemClock.now());
  const timer = realTime.setInterval(() => {
    const now = progress();
    printer.note(progressText(now, pace.perSecond(now, systemClock.now())));
  }, everyMs);
  timer.unref();
  return () => realTime.clearInterval(timer);
}
