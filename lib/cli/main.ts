#!/usr/bin/env node
import { runCommandLine } from './command-line.js';

// A pipe whose reader has gone, `head` for example, must not end a command with a stack trace.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
  endSoon();
});

/** Resources that a module has left open, such as a connection, do not keep a finished command alive. */
function endSoon(): void {
  const end = (): void => {
    if (process.stdout.writableLength === 0) process.exit();
    else endSoon();
  };
  setTimeout(end, 1_000).unref();
}
