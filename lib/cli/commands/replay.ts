import { type Difference, replay } from '../../testing/replay.js';
import { type AddCommand, action } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { loadMill, remade } from '../load-mill.js';
import { checkFolder } from '../paths.js';

interface ReplayOptions {
  readonly update?: boolean;
}

export const addReplay: AddCommand = (program, done) => {
  program
    .command('replay')
    .description('run a mill over a fixture, and compare its results with the expected ones')
    .argument('<folder>', 'the folder of the fixture')
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that returns one')
    .option('--update', 'write the results as the expected ones')
    .action(
      action<[string, string], ReplayOptions>(done, async (printer, { update = false }, folder, file) => {
        checkFolder(folder);
        if (update) process.env.WATERMILL_UPDATE = '1';
        const differences = await replay(
          folder,
          async (broker) => remade(await loadMill(file, broker), () => [broker], true).mill,
        );
        const isUpdate = process.env.WATERMILL_UPDATE === '1';
        printer.result(textOf({ folder, file, differences, isUpdate }), differences);
        return differences.length === 0 ? exitCodes.done : exitCodes.failed;
      }),
    );
};

interface Replayed {
  readonly folder: string;
  readonly file: string;
  readonly differences: readonly Difference[];
  readonly isUpdate: boolean;
}

function textOf({ folder, file, differences, isUpdate }: Replayed): string {
  if (isUpdate) return `The results are now what ${folder} expects.`;
  if (differences.length === 0) return `The results are as ${folder} expects.`;
  const lines = differences
    .slice(0, 20)
    .flatMap(({ stream, at, expected, found }) => [
      `${stream} ${at}:`,
      `  expected ${expected === undefined ? 'nothing' : JSON.stringify(expected)}`,
      `  found    ${found === undefined ? 'nothing' : JSON.stringify(found)}`,
    ]);
  const more = differences.length > 20 ? [`… and ${differences.length - 20} more`] : [];
  return [
    differences.length === 1
      ? `1 result is not as ${folder} expects:`
      : `${differences.length} results are not as ${folder} expects:`,
    ...lines,
    ...more,
    `If they are right as they are now: watermill replay ${folder} ${file} --update`,
  ].join('\n');
}
