import type { Batch } from '../broker.js';
import type { TextWindow } from './text-window.js';

/** Makes batches of the text in a window. Synchronous and without I/O, so that every cut of a text can be tested. */
export interface BatchParser {
  /**
   * The next whole elements, or undefined where more text must come first. Throws a `TextFault` for what cannot be read,
   * once everything before it was given.
   */
  next(window: TextWindow): Batch | undefined;
}

/** Where a batch begins. JSON. A packed file cannot be entered in the middle: it has only the index. */
export interface FileMark {
  readonly index: number;
  /** The offset of the separator before the batch: `[`, `,`, the end of a line, or the `]` behind the last element. */
  readonly byte?: number;
  /** How many lines are before it, where elements are lines. */
  readonly line?: number;
}

export interface ParserOptions {
  /** Gives the bytes of each element, not the parsed value. */
  readonly raw: boolean;
  readonly maxElementBytes: number;
}
