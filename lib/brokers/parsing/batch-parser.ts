import type { TextBatch } from './text-batch.js';
import type { TextWindow } from './text-window.js';

/**
 * Parses the text in a window into batches. Synchronous and without I/O, so that every split of a text can be tested.
 */
export interface BatchParser {
  /**
   * Returns the next complete elements, or undefined if more text is needed. Throws a `TextFault` if the text cannot be
   * read any further, after all earlier elements were returned.
   */
  next(window: TextWindow): TextBatch | undefined;
}

export interface ParserOptions {
  /** Returns the bytes of each element, not the parsed value. */
  readonly raw: boolean;
  /** The maximum size of an element, without the white space around it. */
  readonly maxElementBytes: number;
  /** Elements may be returned as rows of numbers. Default: all of them are parsed values. */
  readonly numbers?: boolean;
  /** The text ends after the array. Default: white space may follow, up to the end of the file. */
  readonly endsWithArray?: boolean;
}
