import { isUnreadable } from '../brokers/batch.js';
import type { Key, Scalar } from '../expressions/key.js';
import { numberOf } from '../messages/text-value.js';
import { commandError } from './command-error.js';
import type { CsvFile } from './csv-file.js';

type Row = Readonly<Record<string, string>>;

/**
 * Keys of rows without a class. A column is numeric if its first non-empty value is a number; otherwise it is text. To
 * find that out, the file is read again, up to that value. Other values in a numeric column are refused: as texts, 10
 * would come before 9.
 */
export async function keyOfColumns(file: CsvFile, columns: readonly string[]): Promise<(row: unknown) => Key> {
  const numeric = await numericColumns(file, columns);
  const parts = columns.map((column) => (row: unknown) => {
    const text = (row as Row)[column] ?? '';
    if (text === '')
      throw new TypeError(`the key ${column} is empty: only a class, --class, can define what that means`);
    return numeric.has(column) ? exactNumber(column, text) : text;
  });
  const [only] = parts as [(row: unknown) => Scalar];
  return parts.length === 1 ? only : (row): Key => parts.map((part) => part(row));
}

async function numericColumns(file: CsvFile, columns: readonly string[]): Promise<ReadonlySet<string>> {
  if (!file.rereads) {
    throw commandError(
      `${file.file} can be read only once, so the types of its columns cannot be found out. Name the class of its rows: --class.`,
    );
  }
  const unknown = new Set(columns);
  const numeric = new Set<string>();
  for await (const { values } of file.batches()) {
    for (const value of values) {
      if (isUnreadable(value)) continue;
      for (const column of unknown) {
        const text = (value as Row)[column] ?? '';
        if (text === '') continue;
        unknown.delete(column);
        if (numberOf(text) !== undefined) numeric.add(column);
      }
    }
    if (unknown.size === 0) break;
  }
  return numeric;
}

function exactNumber(column: string, text: string): number {
  const number = numberOf(text);
  if (number === undefined) {
    throw new TypeError(
      `the key ${column} is ${JSON.stringify(text)}, where the first one is a number: if the keys are texts, declare that by a class, --class`,
    );
  }
  if (Number.isFinite(number) && (Number.isSafeInteger(number) || !/^\s*[+-]?\d+\s*$/.test(text))) return number;
  throw new TypeError(
    `the key ${column} is ${text}, which a number cannot represent exactly: declare its type by a class, --class`,
  );
}
