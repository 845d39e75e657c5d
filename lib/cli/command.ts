import { type Command, Option } from 'commander';
import { quotedText } from '../base/shown-text.js';
import { commandError } from './command-error.js';
import { type CommonOptions, Printer } from './printer.js';

/** The action of a command. Returns its exit code. */
export type Act<A extends readonly unknown[], O> = (printer: Printer, options: O, ...args: A) => Promise<number>;

/** Adds a command to the program. `done` is called with its exit code. */
export type AddCommand = (program: Command, done: (exitCode: number) => void) => void;

/** The action of a command, as commander calls it: with the arguments, the options, and the command. */
export function action<A extends readonly unknown[], O>(
  done: (exitCode: number) => void,
  act: Act<A, O & CommonOptions>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<O & CommonOptions>();
    refuseEmpty(command);
    done(await act(new Printer(options), options, ...(given.slice(0, -2) as unknown as A)));
  };
}

/** Throws if an argument or an option is empty, as a variable of the shell may be. */
function refuseEmpty(command: Command): void {
  const { registeredArguments, args, options } = command;
  const argument = registeredArguments[args.indexOf('')];
  const option = options.find((each) => command.getOptionValue(each.attributeName()) === '');
  const name = argument === undefined ? option?.long : `<${argument.name()}>`;
  if (name !== undefined) throw commandError(`${name} was given an empty text. Is a variable of the shell not set?`);
}

/** Parses an option that is a number. */
export function positive(name: string): (text: string) => number {
  return numberThat(name, 'a number above 0', (value) => value > 0);
}

/** Parses an option that is a count. */
export function count(name: string): (text: string) => number {
  return numberThat(name, 'a whole number above 0', (value) => Number.isSafeInteger(value) && value > 0);
}

/** Parses an option that is a port; 0 for any free one. */
export function port(name: string): (text: string) => number {
  const isPort = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;
  return numberThat(name, 'a port, 0 to 65535', isPort);
}

function numberThat(name: string, expected: string, isOne: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!isOne(value)) throw commandError(`${name}: expected ${expected}, found ${quotedText(text)}.`);
    return value;
  };
}

/** The options for a key: each command has one of them, and accepts the other one as well. */
export interface KeyOptions {
  readonly by?: string;
  readonly key?: string;
}

/** Adds the option for a key; the name used by other commands works as well. */
export function keyOption(command: Command, name: 'by' | 'key', description: string): Command {
  const other = new Option(`--${name === 'by' ? 'key' : 'by'} <fields>`).hideHelp();
  return command.option(`--${name} <fields>`, description).addOption(other);
}

/** The key in one of the two options. */
export function namedKey({ by, key }: KeyOptions): string | undefined {
  if (by === undefined || key === undefined || by === key) return by ?? key;
  throw commandError(`--by ${by} and --key ${key} both name the key. Leave one of them out.`);
}

/** Adds the options of commands that read files of rows. */
export function rowOptions(command: Command): Command {
  return command
    .option('--delimiter <character>', 'the file is CSV with this between values (default: by the name, .csv or .tsv)')
    .option('--header <names>', 'the file is CSV whose first row does not name the columns: these are their names');
}
