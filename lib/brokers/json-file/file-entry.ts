import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Class, MessageClass } from '../../base/class.js';
import { type StreamCodec, schemaOf } from '../../messages/index.js';
import type { InputRequest, StreamEntry } from '../broker.js';
import { codecNames, entryOptions, membersOf } from '../broker-entry.js';
import { type BrokerOptions, optionsError } from '../broker-options.js';
import { checkFormat, csvByName, type FormatFor, formatKey, type TextFormat } from '../formats/format.js';
import { standardOutput } from './file-names.js';

/** The options for reading or writing one file. */
export interface FileEntryOptions<T> extends StreamCodec<T> {
  /**
   * Rows of CSV, `csv()`, or lines of text, `lines()`. Default: CSV if the name ends in `.csv` or `.tsv`; otherwise
   * JSON.
   */
  readonly format?: FormatFor<T>;
  /**
   * The input file grows: the stream waits for more at its end, and holds a last line without a line end until it is
   * complete. The stream ends after `dataTimeoutMs` without new data, or when an array is closed. All entries of a file
   * must have the same value, since they share the reader. Default: false.
   */
  readonly follow?: boolean;
}

/** Classes and their files; each entry is checked separately. */
export type JsonFileEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], path: string]
    | readonly [message: C[I], path: string, options: FileEntryOptions<InstanceType<C[I]>>];
};

/** A stream that is a file. */
export interface FileEntry extends StreamEntry {
  /** Undefined for JSON. */
  readonly format: TextFormat | undefined;
  /** The stream waits for more at the end of the file. */
  readonly follow: boolean;
}

const known = [...codecNames, 'format', 'follow'];
const brokerName = 'JsonFileMessageBroker';

/** Checks the entries of a broker and makes their streams. */
export function fileEntries(checked: BrokerOptions, entries: readonly unknown[]): Map<Class, FileEntry> {
  if (!Array.isArray(entries)) checked.refuse('The list of entries', 'an array of [Class, path]', entries);
  const made = new Map<Class, FileEntry>();
  for (const [i, entry] of entries.entries()) {
    const [message, path, given] = membersOf(checked, `Entry ${i + 1}`, entry, '[Class, path]');
    const what = `The entry of ${message.name}`;
    if (typeof path !== 'string' || path === '') checked.refuse(what, 'the path of a file after the class', path);
    const options = entryOptions<FileEntryOptions<any>>(checked, what, given, known) ?? {};
    if (made.has(message)) {
      checked.refuse(what, 'one entry per class (for a second node on a file, use an alias)', path);
    }
    const fileEntry = entryOf(checked, message, path, options);
    // With `-`, one entry may be the input and the other the output: that is known when a mill connects.
    if (fileEntry.outputId === undefined) expectSameReading(message, fileEntry, made);
    made.set(message, fileEntry);
  }
  return made;
}

/** The inputs of one stream share its reader: their entries must say the same about the file. */
export function expectSharedReaders(inputs: readonly InputRequest[]): void {
  const before = new Map<Class, FileEntry>();
  for (const { message, entry } of inputs) {
    expectSameReading(message, entry as FileEntry, before);
    before.set(message, entry as FileEntry);
  }
}

function expectSameReading(message: Class, entry: FileEntry, others: ReadonlyMap<Class, FileEntry>): void {
  const other = [...others.values()].find(({ id }) => id === entry.id);
  if (other === undefined) return;
  const what = `The entry of ${message.name}`;
  if (formatKey(other.format) !== formatKey(entry.format)) {
    throw optionsError(brokerName, what, 'the format that the other entry of the file has', entry.label);
  }
  if (other.follow !== entry.follow) {
    const expected = `${other.follow}, as in the other entry of ${entry.label}`;
    throw optionsError(brokerName, `${what}, the option 'follow'`, expected, entry.follow);
  }
}

function entryOf(checked: BrokerOptions, message: Class, path: string, options: FileEntryOptions<any>): FileEntry {
  const { format = csvByName(path), follow = false, deserializer, serializer, raw } = options;
  if (typeof follow !== 'boolean') checked.refuse("The option 'follow' of an entry", 'true or false', follow);
  if (format !== undefined) checkFormat(checked, message, format, options);
  const hasCodec = deserializer !== undefined || serializer !== undefined || raw !== undefined;
  const outputId = path === '-' ? standardOutput : undefined;
  const id = resolve(path);
  const isSortable = !hasCodec && !follow && format?.format !== 'lines' && path !== '-';
  return {
    label: path,
    id,
    outputId,
    codec: hasCodec ? options : undefined,
    texts: format?.format === 'csv',
    format,
    follow,
    ...(isSortable && { sortArguments: () => sortArguments(message, path, format) }),
  };
}

/** A pipe cannot be sorted afterwards. */
function sortArguments(message: Class, path: string, format: TextFormat | undefined): readonly string[] | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  if (format?.format !== 'csv') return [path];
  const { delimiter, header } = format;
  const named = csvByName(path);
  const names = header === false ? schemaOf(message).fields.map(({ name }) => name) : header;
  return [
    path,
    ...(named?.delimiter === delimiter ? [] : ['--delimiter', delimiter]),
    ...(names === true ? [] : ['--header', names.join(',')]),
  ];
}
