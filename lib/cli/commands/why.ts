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
      'say why an element gave no result, or which calls it was given to; the streams are read again, nothing is written',
    )
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that makes one')
    .requiredOption('--class <Class>', 'the message class, by the name that plans and reports have')
    .requiredOption('--at <position>', 'the position in its stream, as errors and reports name it')
    .option('--lane <lane>', 'the lane, where the broker has several: the number of a partition (default: all)')
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
