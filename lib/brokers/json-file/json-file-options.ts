import type { FileFormat } from '../parsing/file-format.js';

/** What to do if the inputs of a group have changed since it ended. */
export type OnEnded = 'restart' | 'continue';

/** The options of a `JsonFileMessageBroker`. */
export interface JsonFileOptions {
  /**
   * Keeps progress under this name, in `<first result>.<group>.progress.json` (next to the master's file if the broker
   * has no results), so that the run after a kill continues from the last commit, and a finished run is not repeated.
   * Delete that file to start over. Default: nothing is kept, and every run starts over.
   */
  group?: string;
  /**
   * What to do if an input has changed since the group ended. Default: an error, `WM_FILE_CHANGED`. `'restart'`:
   * everything starts over, and the new results replace the previous ones. `'continue'`: the data appended to the
   * inputs is processed, and the results are appended to the previous ones; any other change of an input is an error.
   * Unchanged inputs are never processed again, whatever the option. A file is unchanged if its size, its modification
   * time, and its first and last 16 KiB are the same; its name or path does not matter.
   */
  onEnded?: OnEnded;
  /**
   * The format of result files. Default: by the name; `.ndjson` and `.jsonl` contain lines, others an array. The format
   * of an input is detected from its content; this option, or else the name, decides only if the first line is broken.
   */
  format?: FileFormat;
  /**
   * The maximum size of an element. A longer element of an input is a bad message (`WM_ELEMENT_TOO_LARGE`), of which
   * only the beginning is kept: a missing quotation mark can turn the whole file into one element. White space around
   * it does not count. Bytes, at least 131,072. Default: 67,108,864 (64 MiB).
   */
  maxElementBytes?: number;
  /**
   * A stream without new values for this long has ended. Files never make a mill wait, so this rarely matters here.
   * Milliseconds. Default: none.
   */
  dataTimeoutMs?: number;
  /**
   * The `onTimeout` of an open expression window is called after this long without new elements. Milliseconds. Default:
   * never.
   */
  pollTimeoutMs?: number;
}

export const defaultMaxElementBytes = 64 * 1024 * 1024;
export const leastMaxElementBytes = 128 * 1024;

/** The options with defaults filled in. */
export interface JsonFileSettings {
  readonly group: string | undefined;
  readonly onEnded: OnEnded | undefined;
  readonly format: FileFormat | undefined;
  readonly maxElementBytes: number;
}
