import { constants, tmpdir } from 'node:os';
import { Option } from 'commander';
import type { MessageClass } from '../../base/class.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { type Batch, isUnreadable } from '../../brokers/batch.js';
import { type CsvFormat, csvByName } from '../../brokers/formats/format.js';
import { type AddCommand, action, type KeyOptions, keyOption, namedKey, positive, rowOptions } from '../command.js';
import { commandError } from '../command-error.js';
import { type CsvOptions, csvFormatOf } from '../csv-file.js';
import { exitCodes } from '../exit-codes.js';
import { placeOf } from '../file-elements.js';
import { loadClass } from '../load-class.js';
import { checkFolder } from '../paths.js';
import { ExternalSort } from '../sort/external-sort.js';
import { CsvSource, JsonSource, type SortSource } from '../sort/sort-source.js';
import { isStdout, OutputGone, SortedOutput } from '../sort/sorted-output.js';

interface SortOptions extends CsvOptions, KeyOptions {
  readonly class?: string;
  readonly output?: string | undefined;
  readonly memory: number;
  readonly temporary: string;
}

export const addSort: AddCommand = (program, done) => {
  keyOption(rowOptions(program.command('sort')), 'by', 'the key: the name of a field, or several for a tuple')
    .description(
      'sort a file of any size by a key, in the key order of the library; elements with equal keys stay in their order',
    )
    .argument('<file>', 'a JSON array, NDJSON or CSV, also compressed with gzip')
    .option('--class <module#Class>', 'the message class that defines the types of the fields, as messages.js#Flight')
    .option('-o, --output <file>', 'the output; it may be the file itself; - is stdout (default: stdout)')
    .addOption(
      new Option('--memory <MB>', 'how much text is held in memory at a time')
        .argParser(positive('--memory'))
        .default(8),
    )
    .option('--temporary <folder>', 'the folder for the rest', tmpdir())
    .action(
      action<[string], SortOptions>(done, async (printer, options, file) => {
        const { memory, temporary } = options;
        const { output: named } = options;
        const output = named === undefined || (await isStdout(named)) ? undefined : named;
        const by = namedKey(options);
        if (by === undefined) throw commandError("required option '--by <fields>' not specified: name the field.");
        if (/\.gz$/i.test(output ?? ''))
          throw commandError(`--output ${output}: sort writes plain text. Leave out .gz.`);
        const message = options.class === undefined ? undefined : await loadClass(options.class);
        checkFolder(temporary);
        const source = await sourceOf(file, by, { ...options, output }, message);
        const sort = new ExternalSort(memory * 1_000_000, temporary);
        const target = await SortedOutput.to(output);
        const removeFiles = (): void => {
          target.drop();
          sort.close();
        };
        const forget = onSignals(removeFiles);
        try {
          for await (const batch of source.batches()) addAll(sort, batch, file, source);
          await sort.end();
          await write(sort, source, output, target);
        } catch (error) {
          if (error instanceof OutputGone) return exitCodes.failed;
          throw error;
        } finally {
          forget();
          removeFiles();
        }
        const { count, runCount } = sort;
        const text = `${count} elements of ${file} in the order of ${by}`;
        if (output !== undefined)
          printer.result(`${text}: ${output}`, { file, output, elements: count, runs: runCount });
        return exitCodes.done;
      }),
    );
};

async function sourceOf(
  file: string,
  by: string,
  { output, ...options }: SortOptions,
  message: MessageClass<any> | undefined,
): Promise<SortSource> {
  const format = csvFormatOf(file, options);
  const written = output === undefined ? undefined : csvByName(output);
  if (format === undefined) {
    if (written !== undefined) throw otherFormat(output, file, 'JSON');
    return new JsonSource(file, by, message);
  }
  const isOther = written === undefined ? /\.(json|ndjson|jsonl)$/i.test(output ?? '') : !sameRows(written, format);
  if (isOther) throw otherFormat(output, file, format.delimiter === '\t' ? 'TSV' : 'CSV');
  return CsvSource.open(file, format, by, message);
}

/** Rows in an explicitly given format may be written to a file of any name. */
function sameRows(named: CsvFormat, { delimiter }: CsvFormat): boolean {
  return (named.delimiter === '\t') === (delimiter === '\t');
}

function otherFormat(output: string | undefined, file: string, format: string): Error {
  return commandError(`--output ${output}: sort keeps the format, and ${file} is ${format}. Name it so.`, { file });
}

function addAll(sort: ExternalSort, batch: Batch, file: string, source: SortSource): void {
  const { values } = batch;
  for (let i = 0; i < values.length; i++) {
    try {
      const value = values[i];
      if (isUnreadable(value)) throw new SyntaxError(value.reason);
      sort.add(source.keyOf(batch, i), source.lineOf(batch, i));
    } catch (error) {
      throw badElement(file, placeOf(batch, i), error);
    }
    sort.makeRoom();
  }
}

function badElement(file: string, place: string, cause: unknown): WaterMillError {
  const reason = reasonOf(cause).replace(`${place}, column `, 'column ');
  const sentence = `${file}, ${place}: ${reason}. Fix it, or take it out; watermill check lists all such elements.`;
  return new WaterMillError('WM_BAD_MESSAGE', sentence, { file, place }, { cause });
}

async function write(
  sort: ExternalSort,
  source: SortSource,
  name: string | undefined,
  output: SortedOutput,
): Promise<void> {
  const { before, between, after, empty } = source.frame(name);
  let next = before;
  for (const line of sort.sorted()) {
    await output.write(next + source.textOf(line));
    next = between;
  }
  await output.write(sort.count === 0 ? empty : after);
  await output.finish();
}

/** A closed terminal sends SIGHUP. */
const endingSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Cleans up before a signal ends the process. Returns a function that cancels that. */
function onSignals(work: () => void): () => void {
  const end = (signal: NodeJS.Signals): void => {
    work();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of endingSignals) process.once(signal, end);
  return () => {
    for (const signal of endingSignals) process.off(signal, end);
  };
}
