import type { FileFormat } from './file-format.js';

/** How a `JsonFileMessageBroker` reads and writes. */
export interface JsonFileOptions {
  /**
   * Keeps progress under this name, in `<first result>.<group>.progress.json` (beside the master's file where the broker
   * has no results), so that a killed run goes on where it stopped, and a finished one is not repeated. Delete that file
   * to begin anew. Default: nothing is kept, every run begins anew.
   */
  group?: string;
  /** How results stand in their files. Default: by the name, `.ndjson` and `.jsonl` hold lines, others an array. */
  format?: FileFormat;
  /**
   * An element of an input that is longer is an error: a missing quotation mark can make an element of the whole file.
   * Bytes, at least 131,072. Default: 67,108,864 (64 MiB).
   */
  maxElementBytes?: number;
  /**
   * A stream on which nothing came for so long has ended. Files never make anyone wait, so this seldom matters here.
   * Milliseconds. Default: none.
   */
  dataTimeoutMs?: number;
  /** An open window without new elements is asked again after so long. Milliseconds. Default: never. */
  pollTimeoutMs?: number;
}

export const defaultMaxElementBytes = 64 * 1024 * 1024;
export const leastMaxElementBytes = 128 * 1024;
