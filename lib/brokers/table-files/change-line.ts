import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Key } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { KeptChange } from '../kept-tables.js';

/**
 * A change as a line: the key and, unless it was deleted, a tab and the element. Both are JSON, which contains neither
 * tabs nor line breaks.
 */
export function textOf({ key, value }: KeptChange): string {
  const text = JSON.stringify(keyToJson(key));
  return value === undefined ? `${text}\n` : `${text}\t${value}\n`;
}

export function changeOf(line: string, file: string, number: number): KeptChange {
  const tab = line.indexOf('\t');
  try {
    const key = keyFromJson(JSON.parse(tab < 0 ? line : line.slice(0, tab))) as Key;
    return { key, value: tab < 0 ? undefined : line.slice(tab + 1) };
  } catch (cause) {
    throw damagedFile(file, `line ${number} is not a change: ${reasonOf(cause)}`, cause);
  }
}

export function damagedFile(file: string, what: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_TABLE_DAMAGED',
    `${file} does not hold the changes of a table that the last commit names: ${what}. ` +
      'Restore it together with the progress, or delete both and the results to start over.',
    { stream: file },
    cause === undefined ? undefined : { cause },
  );
}
