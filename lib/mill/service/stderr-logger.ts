import { Console } from 'node:console';
import { RealDate } from '../../base/date.js';
import type { Logger } from '../../base/logger.js';
import { stackText } from '../../base/thrown.js';

/** Unread output must not fill the memory: lines are dropped while this many characters are waiting. */
const mostUnread = 1_000_000;

/**
 * Logs one line per message on stderr; errors with their stack and those of their causes. Debug messages are left out.
 * Writes like the console: an unread or broken stderr is not a failure.
 */
export const stderrLogger: Logger = {
  debug() {},
  info: line('info'),
  warn: line('warn'),
  error: line('error'),
};

let output: Console | undefined;

function line(level: string): Logger['info'] {
  return (fields, text) => {
    if (process.stderr.writableLength > mostUnread) return;
    output ??= new Console(process.stderr);
    output.error('%s', `${new RealDate().toISOString()} ${level} ${text}${detailOf(fields)}`);
  };
}

function detailOf(fields: object): string {
  const { err } = fields as { readonly err?: unknown };
  return err === undefined ? '' : `\n${stackText(err)}`;
}
