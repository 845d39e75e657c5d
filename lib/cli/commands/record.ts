import { existsSync, readdirSync } from 'node:fs';
import { record } from '../../testing/record.js';
import { type AddCommand, action, positive } from '../command.js';
import { commandError } from '../command-error.js';
import { loadMill, remade } from '../load-mill.js';
import { type RunOptions, runMill, withRunOptions } from './run.js';

interface RecordOptions extends RunOptions {
  readonly elements?: number;
}

export const addRecord: AddCommand = (program, done) => {
  const command = program
    .command('record')
    .description('run a mill, and write down what it reads as a fixture for replay')
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that makes one')
    .argument('<folder>', 'of the fixture')
    .option('--elements <count>', 'so many of each stream; the run continues (default: all)', positive('--elements'));
  withRunOptions(command).action(
    action<[string, string], RecordOptions>(done, async (printer, options, file, folder) => {
      if (existsSync(folder) && readdirSync(folder).includes('inputs')) {
        throw commandError(`${folder} has a recording already. Use another folder, or delete it.`, { folder });
      }
      const { elements } = options;
      const limit = elements === undefined ? {} : { elements };
      const mill = remade(
        await loadMill(file),
        (brokers) => brokers.map((broker) => record(broker, folder, limit)),
        false,
      );
      return runMill(printer, options, mill);
    }),
  );
};
