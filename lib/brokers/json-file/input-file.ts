import { promises as fs } from 'node:fs';
import type { Clock } from '../../base/clock.js';
import { readsNumbers } from '../../messages/index.js';
import type { InputRequest, StreamEntry } from '../broker.js';
import { type MakeRowParser, rowParserOf } from '../formats/make-row-parser.js';
import type { ParserOptions } from '../parsing/batch-parser.js';
import { type FileFormat, formatByName } from '../parsing/file-format.js';
import type { FileEntry } from './file-entry.js';
import { followLinks } from './file-names.js';
import type { FileState } from './source/file-state.js';
import { standardInput } from './source/open-source.js';

/** A file that a node reads. */
export interface InputFile {
  readonly path: string;
  /** The name of the message class, for errors. */
  readonly message: string;
  /** The format that its name or an option implies; the text may differ, except from 'lines'. */
  readonly format: FileFormat | 'lines';
  readonly options: ParserOptions;
  /** Makes the parsers of rows or lines, if it consists of those. */
  readonly rows?: MakeRowParser | undefined;
  /** The clock for waiting, if the file is followed while it grows. */
  readonly follows?: Clock | undefined;
}

/**
 * The files that one run has opened, by path: a file must be unchanged for all its readers, and a pipe can have only
 * one.
 */
export type OpenedFiles = Map<string, FileState | 'pipe'>;

const standardInputs = [standardInput, '/dev/fd/0', '/proc/self/fd/0'];

interface InputSettings {
  readonly format: FileFormat | undefined;
  readonly maxElementBytes: number;
}

export async function inputFileOf(
  { message, entry }: InputRequest,
  { format, maxElementBytes }: InputSettings,
  clock: Clock,
): Promise<InputFile> {
  const path = await pathOf(entry);
  const { format: rowFormat, codec, follow } = entry as FileEntry;
  const numbers = rowFormat === undefined && readsNumbers(message, codec);
  const options = { raw: codec?.raw === true, numbers, maxElementBytes, endsWithArray: follow };
  const rows = rowFormat && rowParserOf(rowFormat, { path, message, codec }, options);
  return {
    path,
    message: message.name,
    format: format ?? formatByName(entry.id),
    options,
    rows,
    follows: follow ? clock : undefined,
  };
}

/** If links cannot be resolved, opening the file reports why. */
async function pathOf({ id, label }: StreamEntry): Promise<string> {
  if (label === '-' || standardInputs.includes(id)) return standardInput;
  return followLinks(id).catch(() => id);
}

/** Returns whether a file can be read only once, from its beginning. Errors are reported when the file is opened. */
export async function isPipe({ path }: InputFile): Promise<boolean> {
  const stats = await fs.stat(path).catch(() => undefined);
  return stats !== undefined && (stats.isFIFO() || (stats.isSocket() && path === standardInput));
}
