import type { MessageClass } from '../../base/class.js';
import type { Key } from '../../expressions/key.js';
import type { Deserializer, Init } from '../../messages/index.js';
import type { BrokerOptions } from '../broker-options.js';
import type { FormatFor } from '../formats/format.js';
import { isBoolean, isCount, isFunction, isOneOf, isText } from '../option-values.js';
import type { FileRules } from './file-rules.js';
import { globTest } from './glob.js';

/** A file of a directory. */
export interface FileInfo {
  /** Its path in the directory, with `/` between folders. */
  readonly name: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly modified: Date;
}

/** Makes the element of a file from its text. */
export type MakeElement = (text: string, file: FileInfo) => unknown;

/** Which files of a directory are read, when, and in which order. */
export interface FileOptions {
  /**
   * The names of the data files: `*` is any text, `?` one character, `[a-z]`, `{a,b}`, `**` any folders. A pattern
   * without `/` is matched with the last part of the name. Default: all. Hidden names (`.`, `_`), names of
   * unfinished files (`.tmp`, `.partial`, `.part`, `.new`, `.crdownload`, `~`) and locks of mills never match.
   */
  readonly pattern?: string;
  /** Reads folders in the directory, too. Default: false. */
  readonly recursive?: boolean;
  /** The order of the files found by one scan; ties are ordered by name. Default: `'created'`. */
  readonly order?: 'created' | 'modified' | 'name' | ((name: string) => Key);
  /**
   * A file is complete when its size and time have not changed for this long. Milliseconds; 0: immediately. Default:
   * 1,000.
   */
  readonly settleMs?: number;
  /** A file is complete when a file of its name with this suffix exists: `'.done'`. Instead of `settleMs`. */
  readonly marker?: string;
  /**
   * If names determine the order: a file that sorts before one that has already arrived is an error (`'fail'`, the
   * default), is read when it arrives (`'read'`), or is skipped (`'skip'`).
   */
  readonly onLate?: 'fail' | 'read' | 'skip';
  /**
   * A file that is deleted before it is read is an error (`'fail'`, the default), or is skipped permanently (`'skip'`).
   */
  readonly onGone?: 'fail' | 'skip';
  /**
   * A file that changes between its arrival and its reading is an error (`'fail'`, the default), or is read when it has
   * settled again (`'retry'`). If a part of it was used, it is always an error.
   */
  readonly onChanged?: 'fail' | 'retry';
}

/** How a directory is read as a stream. */
export interface DirectoryOptions<T> extends FileOptions {
  /** As for other brokers: makes an element from a parsed value, or from bytes with `raw: true`. */
  readonly deserializer?: Deserializer<T>;
  /** The deserializer gets the bytes of each line, or of each element of an array. Default: false, parsed values. */
  readonly raw?: boolean;
  /**
   * Keeps hard links to files from their arrival to the commit, so that they are read, and reread, exactly, even if
   * they are deleted or replaced. Needs `progress`, on the same file system.
   */
  readonly keep?: 'link';
  /** The stream ends when every file is read and none is incomplete. Default: it waits for more. */
  readonly end?: 'when empty';
  /** How often the directory is scanned. Milliseconds. Default: 1,000. */
  readonly scanEveryMs?: number;
  /**
   * The files contain rows of CSV, `csv()`, or lines of text, `lines()`. Default: CSV if the pattern ends in `.csv` or
   * `.tsv`; otherwise JSON.
   */
  readonly format?: FormatFor<T>;
  /** Makes one element per file, from its text. Default: each file contains elements; all of them are one stream. */
  readonly file?: (text: string, file: FileInfo) => T | Init<T>;
}

/** Classes, their directories, and how they are read; each entry is checked separately. */
export type DirectoryEntries<C extends readonly MessageClass<any>[]> = {
  [I in keyof C]:
    | readonly [message: C[I], directory: string]
    | readonly [message: C[I], directory: string, options: DirectoryOptions<InstanceType<C[I]>>];
};

export const fileOptionNames = [
  'pattern',
  'recursive',
  'order',
  'settleMs',
  'marker',
  'onLate',
  'onGone',
  'onChanged',
] as const;

/** What to do with files that have changed or are missing. */
export interface FilePolicies {
  readonly onGone: 'fail' | 'skip';
  readonly onChanged: 'fail' | 'retry';
}

/** Checks the options that select files. `whose`: their owner, for errors. */
export function fileRulesOf(checked: BrokerOptions, options: object): FileRules & FilePolicies {
  const given = options as Record<string, unknown>;
  const take = optionsOf(checked, given);
  const isPattern = (value: unknown): boolean => isText(value) && globTest(value) !== undefined;
  const pattern = take<string>('pattern', 'a pattern of names, such as *.ndjson or [a-z]*', isPattern);
  const order = "'created', 'modified', 'name' or a function (name) => key";
  const marker = take<string>('marker', "the end of a marker's name, such as .done", isText);
  const settleMs = take<number>('settleMs', 'a whole number of milliseconds, 0 or more', isCount);
  if (marker !== undefined && settleMs !== undefined) {
    checked.refuse(
      "The option 'settleMs'",
      'no settleMs with a marker, which alone shows which files are complete',
      settleMs,
    );
  }
  return {
    matches: (pattern === undefined ? undefined : globTest(pattern)) ?? (() => true),
    recursive: take<boolean>('recursive', 'true or false', isBoolean) ?? false,
    order:
      take('order', order, (value) => isFunction(value) || isOneOf('created', 'modified', 'name')(value)) ?? 'created',
    settleMs: settleMs ?? 1_000,
    marker,
    onLate: take('onLate', "'fail', 'read' or 'skip'", isOneOf('fail', 'read', 'skip')) ?? 'fail',
    onGone: take('onGone', "'fail' or 'skip'", isOneOf('fail', 'skip')) ?? 'fail',
    onChanged: take('onChanged', "'fail' or 'retry'", isOneOf('fail', 'retry')) ?? 'fail',
  };
}

/** Takes options by name from an object, for errors about it. */
export function optionsOf(checked: BrokerOptions, given: Record<string, unknown>) {
  return <T>(name: string, expected: string, fits: (value: unknown) => boolean): T | undefined => {
    const value = given[name];
    if (value !== undefined && !fits(value)) checked.refuse(`The option '${name}'`, expected, value);
    return value as T | undefined;
  };
}
