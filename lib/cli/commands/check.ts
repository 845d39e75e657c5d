import { Option } from 'commander';
import type { MessageClass } from '../../base/class.js';
import { shellWord } from '../../base/shell-word.js';
import { thrownText } from '../../base/thrown.js';
import { type Batch, isUnreadable } from '../../brokers/batch.js';
import { comparable, compareKeys, type Key } from '../../expressions/key.js';
import { printKey } from '../../expressions/key-text.js';
import { type AddCommand, action, count, type KeyOptions, keyOption, namedKey, rowOptions } from '../command.js';
import { CsvFile, type CsvOptions, csvFormatOf } from '../csv-file.js';
import { type KeyOfValue, keyOfRows, keyOfValues, neededColumns, readerFor } from '../element-keys.js';
import { exitCodes } from '../exit-codes.js';
import { placeOf, readBatches } from '../file-elements.js';
import { loadClass } from '../load-class.js';

interface CheckOptions extends CsvOptions, KeyOptions {
  readonly class?: string;
  readonly problems: number;
}

export const addCheck: AddCommand = (program, done) => {
  const key = 'the key that must not decrease: the name of a field, or several for a tuple';
  keyOption(rowOptions(program.command('check')), 'key', key)
    .description('check that a file is valid, and in the order of a key; otherwise report the slack that it needs')
    .argument('<file>', 'a JSON array, NDJSON or CSV, also compressed with gzip')
    .option('--class <module#Class>', 'the message class that each element is checked against, as messages.js#Flight')
    .addOption(
      new Option('--problems <count>', 'how many problems are shown').argParser(count('--problems')).default(10),
    )
    .action(
      action<[string], CheckOptions>(done, async (printer, given, file) => {
        const options = { ...given, key: namedKey(given) };
        const message = options.class === undefined ? undefined : await loadClass(options.class);
        const format = csvFormatOf(file, options);
        const rows = format && new CsvFile(file, format, message, neededColumns(options.key, message));
        const keyOf = await keyFor(options.key, rows, message);
        const column = rows === undefined ? '' : `, column ${options.key}`;
        const check = new FileCheck(readerFor(message, rows !== undefined), keyOf, options.problems, column);
        for await (const batch of rows?.batches() ?? readBatches(file)) check.take(batch);
        const found = check.found();
        printer.result(textOf(file, found, options), { file, ...found });
        return found.bad === 0 && found.outOfOrder === 0 ? exitCodes.done : exitCodes.failed;
      }),
    );
};

async function keyFor(
  key: string | undefined,
  rows: CsvFile | undefined,
  message: MessageClass<any> | undefined,
): Promise<KeyOfValue | undefined> {
  if (key === undefined) return undefined;
  return rows === undefined ? keyOfValues(key, message) : keyOfRows(rows, key, message);
}

/** The findings in a file. */
interface Found {
  readonly elements: number;
  /** Elements that cannot be read, or have no key. */
  readonly bad: number;
  /** Elements with a key below an earlier one. */
  readonly outOfOrder: number;
  /** The distance of the worst of them; for Dates in milliseconds. Undefined if keys have no distance. */
  readonly slack: number | bigint | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly problems: readonly string[];
}

class FileCheck {
  private elements = 0;
  private bad = 0;
  private outOfOrder = 0;
  private highest: Key | undefined;
  private first: Key | undefined;
  private slack: number | bigint | undefined;
  private readonly problems: string[] = [];

  constructor(
    private readonly read: (value: unknown) => unknown,
    private readonly keyOf: ((value: unknown) => Key) | undefined,
    private readonly mostProblems: number,
    /** For rows: the place of the key in a line. */
    private readonly keyPlace: string,
  ) {}

  take(batch: Batch): void {
    const { values } = batch;
    for (let i = 0; i < values.length; i++) {
      this.elements++;
      try {
        const value = values[i];
        if (isUnreadable(value)) throw new SyntaxError(value.reason);
        const element = this.read(value);
        if (this.keyOf !== undefined) this.takeKey(this.keyOf(element), batch, i);
      } catch (error) {
        this.bad++;
        this.note(batch, i, thrownText(error));
      }
    }
  }

  found(): Found {
    const { elements, bad, outOfOrder, slack, first, highest, problems } = this;
    const shown = (key: Key | undefined): string | undefined => (key === undefined ? undefined : printKey(key));
    return { elements, bad, outOfOrder, slack, first: shown(first), last: shown(highest), problems };
  }

  private takeKey(key: Key, batch: Batch, index: number): void {
    const { highest } = this;
    this.first ??= key;
    if (highest !== undefined && !comparable(highest, key)) {
      throw new TypeError(`the key is ${printKey(key)}, which cannot be compared with ${printKey(highest)} before it`);
    }
    if (highest === undefined || compareKeys(key, highest) >= 0) {
      this.highest = key;
      return;
    }
    this.outOfOrder++;
    const distance = distanceOf(highest, key);
    if (distance !== undefined && (this.slack === undefined || distance > this.slack)) this.slack = distance;
    this.note(batch, index, `the key is ${printKey(key)}, after ${printKey(highest)} before it`, this.keyPlace);
  }

  private note(batch: Batch, index: number, text: string, place = ''): void {
    if (this.problems.length === this.mostProblems) return;
    const where = placeOf(batch, index);
    const column = where.startsWith('line') ? place : '';
    // Errors about invalid JSON or CSV have their own place within the line.
    this.problems.push(`${where}${column}: ${text.replace(`${where}, column `, 'column ')}`);
  }
}

/** How far a key is below another one, if keys have a distance. */
function distanceOf(high: Key, low: Key): number | bigint | undefined {
  if (high instanceof Date && low instanceof Date) return high.getTime() - low.getTime();
  if (typeof high === 'number' && typeof low === 'number') return high - low;
  return typeof high === 'bigint' && typeof low === 'bigint' ? high - low : undefined;
}

function textOf(
  file: string,
  found: Found,
  { key, class: message, delimiter, header }: Omit<CheckOptions, 'by' | 'problems'>,
): string {
  const { elements, bad, outOfOrder, slack, first, last, problems } = found;
  const more = bad + outOfOrder - problems.length;
  const range = first === undefined ? '' : `, ${key} from ${first} to ${last}`;
  const named = Object.entries({ by: key, class: message, delimiter, header });
  const sort = [
    'watermill sort',
    shellWord(file),
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${shellWord(value)}`])),
  ].join(' ');
  const advice = slack === undefined ? sort : `order: { slack: ${literal(slack)} }, or ${sort}`;
  return [
    `${file}: ${elements} ${elements === 1 ? 'element' : 'elements'}${range}`,
    ...problems.map((problem) => `  ${problem}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    bad === 0 ? 'All are valid.' : `${bad} cannot be read.`,
    ...(key === undefined || first === undefined
      ? []
      : [
          outOfOrder === 0
            ? `They are in the order of ${key}.`
            : `${outOfOrder} ${outOfOrder === 1 ? 'is' : 'are'} out of order. What helps${bad === 0 ? '' : ', once all can be read'}: ${advice}.`,
        ]),
  ].join('\n');
}

function literal(slack: number | bigint): string {
  return typeof slack === 'bigint' ? `${slack}n` : String(slack);
}
