import type { Logger } from '../../base/logger.js';
import { madeOnce } from '../../base/made-once.js';

const erase = '\r\u001b[K';
const ignore = (): void => {};

/** The line below everything else on a terminal. Several mills of a process share it, side by side. */
export class TerminalLine {
  private readonly parts = new Map<object, string>();
  private isDrawn = false;

  constructor(private readonly output: NodeJS.WriteStream) {}

  show(owner: object, text: string): void {
    if (this.parts.size === 0) {
      // A terminal may go away; that ends no mill.
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
    // An error of the last write comes a little later.
    this.output.write('', () => this.output.off('error', ignore));
  }

  /** Makes room for another line; this one comes back when it has something new to show. */
  readonly clear = (): void => {
    if (this.isDrawn) this.output.write(erase);
    this.isDrawn = false;
  };

  private draw(): void {
    // A terminal that is stopped takes nothing.
    if (this.output.writableNeedDrain) return;
    const text = [...this.parts.values()].join(' | ');
    // A terminal that does not know how wide it is says 0.
    const columns = Math.max(20, this.output.columns || 80);
    // Not into the last column, where terminals begin a new line.
    const shown = text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
    this.output.write(`${erase}${shown}`);
    this.isDrawn = true;
  }
}

export const terminalLineOf = madeOnce((output: NodeJS.WriteStream) => new TerminalLine(output));

/** Whether this stream can show a line that changes: a terminal, and not the log of a build. */
export function isTerminal(output: NodeJS.WriteStream | undefined): output is NodeJS.WriteStream {
  const { CI = '', TERM } = process.env;
  return output?.isTTY === true && TERM !== 'dumb' && ['', '0', 'false'].includes(CI);
}

/** A logger whose lines are above the line of the terminal. */
export function loggerAbove(line: () => TerminalLine, logger: Logger): Logger {
  const above =
    (level: keyof Logger): Logger['info'] =>
    (fields, text) => {
      line().clear();
      logger[level](fields, text);
    };
  return { debug: above('debug'), info: above('info'), warn: above('warn'), error: above('error') };
}

/** The same for code that does not know whether a mill shows anything on stderr. One for each logger, so that they are distinct. */
export const loggerAboveStderr = madeOnce((logger: Logger) =>
  loggerAbove(() => terminalLineOf(process.stderr), logger),
);
