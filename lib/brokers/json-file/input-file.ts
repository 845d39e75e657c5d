import type { ParserOptions } from './batch-parser.js';

/** A file that a node reads. */
export interface InputFile {
  readonly path: string;
  /** The message class's name, for errors. */
  readonly message: string;
  readonly options: ParserOptions;
}
