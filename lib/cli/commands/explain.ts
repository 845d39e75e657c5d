import { Option } from 'commander';
import { planJson } from '../../mill/plan/explain/plan-json.js';
import { type AddCommand, action } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { loadMill } from '../load-mill.js';

export const addExplain: AddCommand = (program, done) => {
  program
    .command('explain')
    .description('print what a mill will do: what is read, matched, held and written, and when')
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that returns one')
    .addOption(
      new Option('--format <format>', 'the form of the output (default: text)').choices(['text', 'mermaid', 'svg']),
    )
    .action(
      action<[string], { format?: 'text' | 'mermaid' | 'svg' }>(done, async (printer, { format }, file) => {
        if (printer.isJson && format !== undefined) {
          throw commandError(`--json and --format ${format} are two forms of the output. Leave one of them out.`);
        }
        const { view } = await loadMill(file);
        printer.result(view.explain({ format }), planJson(view.plan));
        return exitCodes.done;
      }),
    );
};
