#!/usr/bin/env node
import { runCommandLine } from './command-line.js';

// A pipe whose reader has gone, `head` for one, must not end a command with a stack trace.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
  endSoon();
});

/** What a module has left open, a connection for one, does not keep a command whose work is done. */
function endSoon(): void {
  const end = (): void => {
    if (process.stdout.writableLength === 0) process.exit();
    else endSoon();
  };
  setTimeout(end, 1_000).unref();
}
