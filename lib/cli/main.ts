#!/usr/bin/env node
import { outputFailed } from '../brokers/json-file/output/output-errors.js';
import { runCommandLine } from './command-line.js';
import { exitCodes } from './exit-codes.js';
import { Printer } from './printer.js';

const args = process.argv.slice(2);

process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A pipe whose reader has gone, `head` for example, wants no more.
  if (error.code === 'EPIPE') return;
  new Printer({ json: args.includes('--json') }).error(outputFailed('stdout', error));
  endWith(exitCodes.failed);
});

void runCommandLine(args).then((exitCode) => {
  endWith(exitCode);
  endSoon();
});

function endWith(exitCode: number): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
}

/** Resources that a module has left open, such as a connection, do not keep a finished command alive. */
function endSoon(): void {
  const end = (): void => {
    if (process.stdout.writableLength === 0) process.exit();
    else endSoon();
  };
  setTimeout(end, 1_000).unref();
}
