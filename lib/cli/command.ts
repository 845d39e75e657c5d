import type { Command } from 'commander';
import { type CommonOptions, Printer } from './printer.js';

/** Does what a command is for; gives its exit code. */
export type Act<A extends readonly unknown[], O> = (printer: Printer, options: O, ...args: A) => Promise<number>;

/** Adds a command to the program. What it does sets the exit code. */
export type AddCommand = (program: Command, done: (exitCode: number) => void) => void;

/** The action of a command, as commander calls it: with the arguments, the options, and the command. */
export function action<A extends readonly unknown[], O>(
  done: (exitCode: number) => void,
  act: Act<A, O & CommonOptions>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<O & CommonOptions>();
    done(await act(new Printer(options), options, ...(given.slice(0, -2) as unknown as A)));
  };
}

/** The value of an option that is a number. */
export function positive(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`${name}: expected a number above 0, found ${JSON.stringify(text)}`);
    return value;
  };
}
