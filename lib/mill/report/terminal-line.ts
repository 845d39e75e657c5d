import type { Logger } from '../../base/logger.js';
import { madeOnce } from '../../base/made-once.js';

const erase = '\r\u001b[K';
const ignore = (): void => {};

/** The line below all other output on a terminal. Several mills of a process share it, side by side. */
export class TerminalLine {
  private readonly parts = new Map<object, string>();
  private isDrawn = false;

  constructor(private readonly output: NodeJS.WriteStream) {}

  show(owner: object, text: string): void {
    if (this.parts.size === 0) {
      // A terminal may go away; that does not end a mill.
      this.output.on('error', ignore);
      process.on('exit', this.clear);
    }
    this.parts.set(owner, text);
    this.draw();
  }

  remove(owner: object): void {
    if (!this.parts.delete(owner)) return;
    this.clear();
    if (this.parts.size > 0) return;
    process.off('exit', this.clear);
    // An error of the last write arrives a little later.
    this.output.write('', () => this.output.off('error', ignore));
  }

  /** Makes room for another line; this one comes back when it has something new to show. */
  readonly clear = (): void => {
    if (this.isDrawn) this.output.write(erase);
    this.isDrawn = false;
  };

  private draw(): void {
    // A paused terminal accepts no output.
    if (this.output.writableNeedDrain) return;
    const text = [...this.parts.values()].join(' | ');
    // A terminal of unknown width reports 0.
    const columns = Math.max(20, this.output.columns || 80);
    // The last column stays free, since some terminals start a new line after it.
    const shown = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
    this.output.write(`${erase}${shown}`);
    this.isDrawn = true;
  }
}

export const terminalLineOf = madeOnce((output: NodeJS.WriteStream) => new TerminalLine(output));

/** Returns whether this stream can show an updated line: a terminal, and not the log of a build. */
export function isTerminal(output: NodeJS.WriteStream | undefined): output is NodeJS.WriteStream {
  const { CI = '', TERM } = process.env;
  return output?.isTTY === true && TERM !== 'dumb' && ['', '0', 'false'].includes(CI);
}

/** A logger whose lines appear above the line of the terminal. */
export function loggerAbove(line: () => TerminalLine, logger: Logger): Logger {
  const above =
    (level: keyof Logger): Logger['info'] =>
    (fields, text) => {
      line().clear();
      logger[level](fields, text);
    };
  return { debug: above('debug'), info: above('info'), warn: above('warn'), error: above('error') };
}

/**
 * Like `loggerAbove`, for code that does not know whether a mill shows anything on stderr. One per logger, so that they
 * are distinct.
 */
export const loggerAboveStderr = madeOnce((logger: Logger) =>
  loggerAbove(() => terminalLineOf(process.stderr), logger),
);
