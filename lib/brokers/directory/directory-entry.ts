import path from 'node:path';
import type { Class } from '../../base/class.js';
import type { StreamEntry } from '../broker.js';
import { entryOptions, membersOf } from '../broker-entry.js';
import type { BrokerOptions } from '../broker-options.js';
import { checkFormat, csvByName, formatKey, type TextFormat } from '../formats/format.js';
import { isCountAboveZero, isFunction, isOneOf } from '../option-values.js';
import {
  type DirectoryOptions,
  type FilePolicies,
  fileOptionNames,
  fileRulesOf,
  type MakeElement,
  optionsOf,
} from './directory-options.js';
import { type FileRules, isDataOf, isOrderOfNames } from './file-rules.js';

/** The settings of a directory that is read as a stream, with defaults filled in. */
export interface DirectorySettings extends FileRules, FilePolicies {
  /** As given by the user. */
  readonly directory: string;
  /** The name under which its state is kept: the first class that reads it. */
  readonly home: string;
  readonly keepsLinks: boolean;
  readonly endsWhenEmpty: boolean;
  readonly scanEveryMs: number;
  readonly makeElement: MakeElement | undefined;
}

/** An input of a DirectoryMessageBroker. */
export interface DirectoryEntry extends StreamEntry {
  readonly settings: DirectorySettings;
  /** Undefined if the files are JSON. */
  readonly format: TextFormat | undefined;
}

const known = [...fileOptionNames, 'keep', 'end', 'scanEveryMs', 'file', 'format', 'deserializer', 'raw'];

/** Unless names alone determine the order, files of one scan come before those of the next. */
const scansMatter = 'depends on which files each scan of the directory finds';

/** Checks the entries and makes their inputs. Entries of the same directory with the same options are one stream. */
export function directoryEntries(
  checked: BrokerOptions,
  sources: readonly unknown[],
  progress: string | undefined,
): Map<Class, DirectoryEntry> {
  const entries = new Map<Class, DirectoryEntry>();
  const numbers = new Map<unknown, number>();
  const streams = new Map<string, DirectorySettings>();
  for (const [i, source] of sources.entries()) {
    const [message, directory, given] = membersOf(checked, `Entry ${i + 1} of sources`, source, '[Class, directory]');
    const what = `The entry of ${message.name}`;
    if (typeof directory !== 'string' || directory === '') {
      checked.refuse(what, 'the path of a directory after the class', directory);
    }
    const options = entryOptions<DirectoryOptions<any>>(checked, what, given, known) ?? {};
    if (entries.has(message)) {
      checked.refuse(what, 'one entry per class (for a second node on a directory, use an alias)', directory);
    }
    const { deserializer, raw } = options as { readonly deserializer?: never; readonly raw?: boolean };
    const id = idOf(directory, options as Record<string, unknown>, numbers);
    const settings = streams.get(id) ?? settingsOf(checked, directory, message.name, options, progress);
    streams.set(id, settings);
    const hasCodec = deserializer !== undefined || raw !== undefined;
    const codec = hasCodec ? { codec: { deserializer, raw } } : {};
    const format = formatOf(checked, message, options);
    const texts = format?.format === 'csv';
    const clock = isOrderOfNames(settings.order) && settings.onLate === 'fail' ? {} : { clock: scansMatter };
    const entry = { label: directory, id, acceptPropertyNames: true, settings, texts, format, ...clock, ...codec };
    entries.set(message, entry);
  }
  return entries;
}

function formatOf(checked: BrokerOptions, message: Class, options: DirectoryOptions<any>): TextFormat | undefined {
  const { pattern = '', file, format = file === undefined ? csvByName(pattern) : undefined } = options;
  if (format === undefined) return undefined;
  checkFormat(checked, message, format, options);
  if (file !== undefined) checked.refuse("The option 'file'", 'no format with it: it makes the element', file);
  return format;
}

function settingsOf(
  checked: BrokerOptions,
  directory: string,
  home: string,
  options: object,
  progress: string | undefined,
): DirectorySettings {
  const take = optionsOf(checked, options as Record<string, unknown>);
  const keep = take('keep', "'link'", isOneOf('link'));
  if (keep !== undefined && progress === undefined) {
    checked.refuse("The option 'keep'", '`progress` with it: without it nothing is read again', keep);
  }
  const makeElement = take<MakeElement>('file', 'a function (text, file) => element', isFunction);
  const { deserializer, raw } = options as { readonly deserializer?: unknown; readonly raw?: unknown };
  if (makeElement !== undefined && (deserializer !== undefined || raw !== undefined)) {
    checked.refuse("The option 'file'", 'no deserializer and no raw with it: it makes the element', makeElement);
  }
  const rules = fileRulesOf(checked, options);
  if (progress !== undefined) refuseProgressAmongData(checked, progress, directory, home, rules);
  return {
    ...rules,
    directory,
    home,
    keepsLinks: keep !== undefined,
    endsWhenEmpty: take('end', "'when empty'", isOneOf('when empty')) !== undefined,
    scanEveryMs: take<number>('scanEveryMs', 'a whole number of milliseconds above 0', isCountAboveZero) ?? 1_000,
    makeElement,
  };
}

/** Equal for entries of the same directory that are read in the same way. */
function idOf(directory: string, options: Record<string, unknown>, numbers: Map<unknown, number>): string {
  const parts = known
    .filter((name) => options[name] !== undefined && name !== 'deserializer' && name !== 'raw')
    .map((name) => {
      const value = options[name];
      if (name === 'format') return formatKey(value as TextFormat);
      if (typeof value !== 'function') return `${name}=${String(value)}`;
      if (!numbers.has(value)) numbers.set(value, numbers.size);
      return `${name}=function ${numbers.get(value)}`;
    });
  return [path.resolve(directory), ...parts].join(' ');
}

/** A progress file in the directory itself would be read as data. */
function refuseProgressAmongData(
  checked: BrokerOptions,
  progress: string,
  directory: string,
  home: string,
  rules: FileRules,
): void {
  const files = ['commit.json', `${home}.journal`].map((name) => path.resolve(progress, name));
  if (!files.some((file) => isDataOf(path.resolve(directory), file, rules))) return;
  const expected = `a folder whose files are not data of ${directory}: elsewhere, or one that begins with a dot`;
  checked.refuse("The option 'progress'", expected, progress);
}
