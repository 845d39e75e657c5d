import type { FileFormat } from './file-format.js';

/** What to do when a group has ended, and its inputs have changed since. */
export type OnEnded = 'restart' | 'continue';

/** How a `JsonFileMessageBroker` reads and writes. */
export interface JsonFileOptions {
  /**
   * Keeps progress under this name, in `<first result>.<group>.progress.json` (next to the master's file if the broker
   * has no results), so that a killed run continues where it stopped, and a finished one is not repeated. Delete that file
   * to start over. Default: nothing is kept, every run starts over.
   */
  group?: string;
  /**
   * What to do when the group has ended and an input is not the file that it was. Default: an error, `WM_FILE_CHANGED`.
   * `'restart'`: everything starts over, and the new results replace the previous ones. `'continue'`: what was
   * appended to the inputs is processed, and the results are appended to the previous ones; an input that has not only
   * grown is an error. Inputs that are the same are never processed again, whatever is said here. A file is the same when
   * its size, its time of modification, its first and its last 16 KiB are; another name or path is not a change.
   */
  onEnded?: OnEnded;
  /**
   * The format of result files. Default: by the name, `.ndjson` and `.jsonl` hold lines, others an array. An input is
   * detected from its content; only if its first line is broken, this option, or else the name, decides.
   */
  format?: FileFormat;
  /**
   * An element of an input that is longer is a bad message (`WM_ELEMENT_TOO_LARGE`), of which only the beginning is held: a
   * missing quotation mark can turn the whole file into one element. White space around it does not count.
   * Bytes, at least 131,072. Default: 67,108,864 (64 MiB).
   */
  maxElementBytes?: number;
  /**
   * A stream on which nothing came for this long has ended. Files never make a mill wait, so this rarely matters here.
   * Milliseconds. Default: none.
   */
  dataTimeoutMs?: number;
  /** An open window without new elements is asked again after this long. Milliseconds. Default: never. */
  pollTimeoutMs?: number;
}

export const defaultMaxElementBytes = 64 * 1024 * 1024;
export const leastMaxElementBytes = 128 * 1024;

/** The options with their defaults. */
export interface JsonFileSettings {
  readonly group: string | undefined;
  readonly onEnded: OnEnded | undefined;
  readonly format: FileFormat | undefined;
  readonly maxElementBytes: number;
}
