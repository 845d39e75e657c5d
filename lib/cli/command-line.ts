import { Command, CommanderError } from 'commander';
import { shownText } from '../base/shown-text.js';
import { isWaterMillError } from '../base/watermill-error.js';
import type { AddCommand } from './command.js';
import { commandError } from './command-error.js';
import { addCheck } from './commands/check.js';
import { addExplain } from './commands/explain.js';
import { addInit } from './commands/init.js';
import { addLag } from './commands/lag.js';
import { addRecord } from './commands/record.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addSort } from './commands/sort.js';
import { addWhy } from './commands/why.js';
import { exitCodes } from './exit-codes.js';
import { versionOfPackage } from './package-version.js';
import { Printer } from './printer.js';

const commands: readonly AddCommand[] = [
  addInit,
  addRun,
  addExplain,
  addCheck,
  addSort,
  addRecord,
  addReplay,
  addWhy,
  addLag,
];

/** Errors before any work was done: wrong usage, a fixture that is not there, a package that is not installed. */
const notBegun: readonly string[] = [
  'WM_COMMAND',
  'WM_FIXTURE',
  'WM_PAPAPARSE_MISSING',
  'WM_CLASS_TRANSFORMER_MISSING',
  'WM_KAFKAJS_MISSING',
  'WM_REDIS_MISSING',
];

const help = `
Exit codes: 0 success; 1 the mill failed, or the check did; 2 the command could not begin.
A module of a mill exports as default a WaterMill, or a function that returns one.`;

/** Runs the command in the arguments. Returns the exit code; never rejects. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  // Wrong arguments are detected before all of them are parsed.
  const printer = new Printer({ json: args.includes('--json') });
  const program = makeProgram(printer, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // It has already printed its message.
    if (error instanceof CommanderError) {
      if (error.code === 'commander.help' && error.exitCode !== 0) reportMissing(args, program, printer);
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    new Printer(program.opts()).error(error);
    return isWaterMillError(error) && notBegun.includes(error.code) ? exitCodes.usage : exitCodes.failed;
  }
}

/** The usage text alone does not say what is wrong. */
function reportMissing(args: readonly string[], program: Command, printer: Printer): void {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const what =
    first === 'help' && second !== undefined
      ? `There is no command ${shownText(second, 100)}.`
      : 'A command is missing.';
  printer.error(commandError(`${what} It is one of ${program.commands.map((each) => each.name()).join(', ')}.`));
}

/** The message of commander about arguments, without its heading. */
function sentenceOf(text: string): string {
  return text.trim().replace(/^error: /, '');
}

function makeProgram(printer: Printer, done: (exitCode: number) => void): Command {
  const program = new Command('watermill');
  program
    .description('Joins streams by type. Runs, explains and checks mills and their files.')
    .version(versionOfPackage())
    .option('--json', 'results and errors as JSON, for programs')
    .option('--stack', 'errors with their stack traces')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(
      printer.isJson
        ? { writeErr: () => {}, outputError: (text) => printer.error(commandError(sentenceOf(text))) }
        : {},
    )
    .addHelpText('after', help);
  for (const add of commands) add(program, done);
  return program;
}
