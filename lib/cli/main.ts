#!/usr/bin/env node
import { outputFailed } from '../brokers/json-file/output/output-errors.js';
import { commandError } from './command-error.js';
import { runCommandLine } from './command-line.js';
import { exitCodes } from './exit-codes.js';
import { Printer } from './printer.js';

const args = process.argv.slice(2);
const printer = new Printer({ json: args.includes('--json') });

process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A pipe whose reader has gone, `head` for example, wants no more.
  if (error.code === 'EPIPE') return;
  failWith(outputFailed('stdout', error));
});

process.once('beforeExit', failUnfinished);
process.once('exit', failExited);

void runCommandLine(args).then((exitCode) => {
  process.off('beforeExit', failUnfinished);
  process.off('exit', failExited);
  endWith(exitCode);
  endSoon();
});

/** Node ends a process in which nothing can happen any more, successfully, even if promises are awaited. */
function failUnfinished(): void {
  failWith(
    commandError(
      'The command was not finished: it awaits a promise that nothing can settle any more. Look for one that is never resolved or rejected: in the module, in the function that it exports, or in a call of the process.',
    ),
  );
}

/** A module that ends the process would otherwise make an unfinished command look successful. */
function failExited(exitCode: number): void {
  if (exitCode !== exitCodes.done) return;
  failWith(
    commandError(
      'The command was not finished: something called process.exit(). Remove the call: from the module, from those that it imports, or from the process.',
    ),
  );
}

function failWith(error: unknown): void {
  printer.error(error);
  endWith(exitCodes.failed);
}

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
