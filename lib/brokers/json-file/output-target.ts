import type { Logger } from '../../base/logger.js';
import type { Framing } from './framing.js';
import type { TakenText } from './taken-text.js';

/** A result file, and how elements become its text. */
export interface OutputTarget {
  readonly path: string;
  /** Results are written into an existing thing as they come: a named pipe, the standard output. */
  readonly isStream: boolean;
  /** Where results are until the stream has ended. */
  readonly partial: string;
  readonly framing: Framing;
  /** The name of the class. */
  readonly message: string;
  /** Flushed results survive a loss of power. */
  readonly durable: boolean;
  /** The form in which an element is kept until it is written. */
  readonly take: (element: any) => TakenText;
}

/** What an output needs of the run. */
export interface OutputRun {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** How long another writer of the output is waited for: where lanes change hands it may not be gone yet. */
  readonly patienceMs: number;
  /** The results of a run that has ended are gone on with. */
  readonly isContinued: boolean;
}

/** How far a result file is valid. JSON. */
export interface OutputMark {
  readonly bytes: number;
  readonly elements: number;
  readonly ended: boolean;
  /** How many of the bytes are before the end of the list, once that is written. */
  readonly body?: number | undefined;
}

/** Where the results of one class go. */
export interface Output {
  /** Appends elements, as what was taken of them. */
  write(taken: readonly TakenText[]): void | Promise<void>;
  /** Resolves when all that was written is where it belongs, with how far that is valid. */
  flush(): Promise<OutputMark>;
  /** Closes the list. Repeated by a run that continues from a mark before this. */
  end(): Promise<void>;
  /** Gives the results their final name; no effect if that was done already. */
  publish(): Promise<void>;
  /** Closes; returns where results that are not final are. */
  close(): Promise<string | undefined>;
}
