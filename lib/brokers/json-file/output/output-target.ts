import type { Logger } from '../../../base/logger.js';
import type { Framing } from './framing.js';
import type { TakenText } from './taken-text.js';

/** A result file, and how elements are converted to its text. */
export interface OutputTarget {
  readonly path: string;
  /** Results are written directly into an existing object: a named pipe, the standard output. */
  readonly isStream: boolean;
  /** The path of the results until the stream has ended. */
  readonly partial: string;
  readonly framing: Framing;
  /** The name of the class. */
  readonly message: string;
  /** Flushed results survive a power failure. */
  readonly durable: boolean;
  /** Converts an element to the form in which it is kept until it is written. */
  readonly take: (element: any) => TakenText;
}

/** The settings of the run that an output needs. */
export interface OutputRun {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /**
   * How long to wait for another writer of the output, which may not be gone yet if lanes change hands. Milliseconds.
   */
  readonly patienceMs: number;
  /** The results of a run that had ended are continued. */
  readonly isContinued: boolean;
  /** Rejects if the lane, and with it the output, has continued in another process. */
  readonly confirm?: (() => Promise<void>) | undefined;
}

/** The valid part of a result file. JSON. */
export interface OutputMark {
  readonly bytes: number;
  readonly elements: number;
  readonly ended: boolean;
  /** The number of bytes before the end of the list, once that is written. */
  readonly body?: number | undefined;
  /** The length of the final results that a run continued, in bytes. */
  readonly continued?: number | undefined;
}

/** The destination of the results of one class. */
export interface Output {
  /** Appends converted elements. */
  write(taken: readonly TakenText[]): void | Promise<void>;
  /** Resolves when everything written has arrived, to the mark of the valid part. */
  flush(): Promise<OutputMark>;
  /** Closes the list. Repeated by a run that continues from an earlier mark. */
  end(): Promise<void>;
  /** Gives the results their final name; no effect if that was done already. */
  publish(): Promise<void>;
  /** Closes the output. Returns the path of results that are not final. */
  close(): Promise<string | undefined>;
}
