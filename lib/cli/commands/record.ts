import { readdirSync } from 'node:fs';
import { type Logger, silentLogger } from '../../base/logger.js';
import type { Broker } from '../../brokers/broker.js';
import { recordedBroker } from '../../testing/record.js';
import { type AddCommand, action, count } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { loadMill, remade } from '../load-mill.js';
import { makeFolder, statsOf } from '../paths.js';
import { type RunOptions, runMill, withRunOptions } from './run.js';

interface RecordOptions extends RunOptions {
  readonly elements?: number;
}

export const addRecord: AddCommand = (program, done) => {
  const command = program
    .command('record')
    .description('run a mill, and record its inputs as a fixture for replay')
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that returns one')
    .argument('<folder>', 'the folder of the fixture')
    .option(
      '--elements <count>',
      'the number of elements recorded per stream; the run continues (default: all)',
      count('--elements'),
    );
  withRunOptions(command).action(
    action<[string, string], RecordOptions>(done, async (printer, options, file, folder) => {
      if (statsOf(folder)?.isDirectory() && readdirSync(folder).includes('inputs')) {
        throw commandError(`${folder} has a recording already. Use another folder, or delete it.`, { folder });
      }
      const loaded = await loadMill(file);
      makeFolder(folder);
      // The run continues without its recording, but the command has failed.
      let isWhole = true;
      const logger: Logger = {
        ...silentLogger,
        warn: (_: object, text: string) => {
          isWhole = false;
          printer.note(text);
        },
      };
      const { elements = Number.POSITIVE_INFINITY } = options;
      const record = (broker: Broker): Broker => recordedBroker(broker, { folder, elements, logger });
      const exitCode = await runMill(
        printer,
        options,
        remade(loaded, (brokers) => brokers.map(record), false),
      );
      return isWhole ? exitCode : Math.max(exitCode, exitCodes.failed);
    }),
  );
};
