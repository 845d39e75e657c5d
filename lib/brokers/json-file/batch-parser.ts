import type { TextBatch } from './text-batch.js';
import type { TextWindow } from './text-window.js';

/** Makes batches of the text in a window. Synchronous and without I/O, so that every cut of a text can be tested. */
export interface BatchParser {
  /**
   * The next whole elements, or undefined if more text must come first. Throws a `TextFault` for what cannot be read,
   * once everything before it was given.
   */
  next(window: TextWindow): TextBatch | undefined;
}

export interface ParserOptions {
  /** Yields the bytes of each element, not the parsed value. */
  readonly raw: boolean;
  /** White space around an element does not count. */
  readonly maxElementBytes: number;
  /** Elements may come as rows of numbers. Default: all of them are parsed values. */
  readonly numbers?: boolean;
  /** Nothing is waited for after an array. Default: only white space may come up to the end. */
  readonly endsWithArray?: boolean;
}
