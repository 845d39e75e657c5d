import { shownText } from '../../base/shown-text.js';
import { type AddCommand, action } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { loadMill } from '../load-mill.js';

interface WhyOptions {
  readonly class: string;
  readonly at: string;
  readonly lane?: string;
}

export const addWhy: AddCommand = (program, done) => {
  program
    .command('why')
    .description(
      'explain why an element has no result, or which calls received it; the streams are read again, nothing is written',
    )
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that returns one')
    .requiredOption('--class <Class>', 'the name of the message class in plans and reports')
    .requiredOption('--at <position>', 'the position in its stream, as in errors and reports')
    .option('--lane <lane>', 'the lane, if the broker has several: the number of a partition (default: all)')
    .action(
      action<[string], WhyOptions>(done, async (printer, { class: given, at, lane }, file) => {
        // Also in the form that `check` accepts: messages.js#Flight.
        const name = given.slice(given.lastIndexOf('#') + 1);
        if (!/^\d+$/.test(at)) throw commandError(`--at ${shownText(at, 100)}: expected a position, 0 or more.`);
        const { mill, view } = await loadMill(file);
        const { nodes } = view.plan;
        const node = nodes.find((each) => each.name === name);
        if (node === undefined) {
          const names = nodes.map((each) => each.name).join(', ');
          throw commandError(`--class ${shownText(name, 100)}: the mill reads no such class. It reads ${names}.`);
        }
        const why = await mill.why(node.message, Number(at), lane === undefined ? {} : { lane });
        printer.result(String(why), why);
        return exitCodes.done;
      }),
    );
};
