import { constants, tmpdir } from 'node:os';
import { Option } from 'commander';
import { reasonOf } from '../../base/thrown.js';
import { type Batch, isUnreadable } from '../../brokers/broker.js';
import { formatByName } from '../../brokers/json-file/file-format.js';
import { type AddCommand, action, positive } from '../command.js';
import { commandError } from '../command-error.js';
import { keyOfValues, readerFor } from '../element-keys.js';
import { exitCodes } from '../exit-codes.js';
import { readBatches } from '../file-elements.js';
import { loadClass } from '../load-class.js';
import { checkFolder } from '../paths.js';
import { ExternalSort } from '../sort/external-sort.js';
import { SortedOutput } from '../sort/sorted-output.js';

interface SortOptions {
  readonly by: string;
  readonly class?: string;
  readonly output?: string;
  readonly memory: number;
  readonly temporary: string;
}

export const addSort: AddCommand = (program, done) => {
  program
    .command('sort')
    .description('sort a file of any size by a key, as the library compares keys; equal keys stay in their order')
    .argument('<file>', 'a JSON array or NDJSON, also compressed with gzip')
    .requiredOption('--by <fields>', 'the key: the name of a field, or several for a tuple')
    .option('--class <module#Class>', 'the message class that says what the fields are, as messages.js#Flight')
    .option('-o, --output <file>', 'where to; it may be the file itself (default: stdout)')
    .addOption(
      new Option('--memory <MB>', 'how much text is held at a time').argParser(positive('--memory')).default(16),
    )
    .option('--temporary <folder>', 'where the rest is kept meanwhile', tmpdir())
    .action(
      action<[string], SortOptions>(done, async (printer, options, file) => {
        const { output, by, memory, temporary } = options;
        if (output?.endsWith('.gz')) throw commandError(`--output ${output}: sort writes plain text. Leave out .gz.`);
        const message = options.class === undefined ? undefined : await loadClass(options.class);
        const [keyOf, read] = [keyOfValues(by, message), readerFor(message)];
        checkFolder(temporary);
        const sort = new ExternalSort(memory * 1_000_000, temporary);
        const target = new SortedOutput(output);
        const removeFiles = (): void => {
          target.drop();
          sort.close();
        };
        const forget = onSignals(removeFiles);
        try {
          for await (const batch of readBatches(file, true)) {
            addAll(sort, batch, file, (text) => keyOf(read(JSON.parse(text))));
          }
          await sort.end();
          await write(sort, formatByName(output ?? file) === 'array', target);
        } catch (error) {
          // Nobody reads on: there is nobody to tell.
          if ((error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE') return exitCodes.failed;
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

function addAll(sort: ExternalSort, batch: Batch, file: string, keyOf: (text: string) => any): void {
  const { values, first, positions } = batch;
  for (let i = 0; i < values.length; i++) {
    try {
      const value = values[i];
      if (isUnreadable(value)) throw new SyntaxError(value.reason);
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      const text = inOneLine(Buffer.from(buffer, byteOffset, byteLength).toString());
      sort.add(keyOf(text), text);
    } catch (error) {
      const place = `element ${positions?.[i] ?? first + i}`;
      throw new Error(
        `${file}, ${place}: ${reasonOf(error)}. Fix it, or take it out; watermill check lists all such elements.`,
      );
    }
    sort.makeRoom();
  }
}

/** Line ends of JSON stand between its tokens, never inside of texts. */
function inOneLine(text: string): string {
  const trimmed = text.trim();
  return /[\r\n]/.test(trimmed) ? trimmed.replace(/\s*[\r\n]\s*/g, ' ') : trimmed;
}

async function write(sort: ExternalSort, isArray: boolean, output: SortedOutput): Promise<void> {
  let before = isArray ? '[\n' : '';
  for (const text of sort.sorted()) {
    await output.write(before + text);
    before = isArray ? ',\n' : '\n';
  }
  await output.write(isArray ? (sort.count === 0 ? '[]\n' : '\n]\n') : sort.count === 0 ? '' : '\n');
  await output.finish();
}

/** What is to be done before a signal ends the process. Gives what takes it back. */
function onSignals(work: () => void): () => void {
  const end = (signal: NodeJS.Signals): void => {
    work();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  };
}
