import { RealDate } from '../../base/date.js';
import type { Logger } from '../../base/logger.js';

/** One line per message on stderr; errors with their stack. What is merely chatty is left out. */
export const stderrLogger: Logger = {
  debug() {},
  info: line('info'),
  warn: line('warn'),
  error: line('error'),
};

function line(level: string): Logger['info'] {
  return (fields, text) => {
    const { err } = fields as { readonly err?: unknown };
    const detail = err === undefined ? '' : `\n${err instanceof Error ? (err.stack ?? err.message) : String(err)}`;
    process.stderr.write(`${new RealDate().toISOString()} ${level} ${text}${detail}\n`);
  };
}
