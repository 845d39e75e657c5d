import { RealDate } from '../base/date.js';

/**
 * `new`: not run yet; `waiting`: for the next interval, or for a source to have data; `reading`: the sources;
 * `working`: the function is running; `retrying`: a batch failed, and its pause is not over; `stopped`; `failed`.
 */
export type BatchStreamState = 'new' | 'waiting' | 'reading' | 'working' | 'retrying' | 'stopped' | 'failed';

/** The status of a batch stream. */
export interface BatchStreamStatus {
  readonly state: BatchStreamState;
  /** The last error, as it was thrown; undefined again once a batch is committed. */
  readonly error: unknown;
  /** The last ten errors, oldest first. */
  readonly errors: readonly unknown[];
  /**
   * The number of attempts for the batch in progress, including this one, also if a source failed; 0 if there is none.
   */
  readonly attempts: number;
  /** Undefined if nothing was ever committed. */
  readonly lastCommit: { readonly id: number; readonly at: Date } | undefined;
  /** The time since when it has been in this state. */
  readonly since: Date;
}

const mostErrors = 10;

/** Keeps the status of a stream. */
export class StatusKeeper {
  private current: BatchStreamStatus = {
    state: 'new',
    error: undefined,
    errors: [],
    attempts: 0,
    lastCommit: undefined,
    since: new RealDate(),
  };

  get status(): BatchStreamStatus {
    return this.current;
  }

  is(state: BatchStreamState): void {
    if (state !== this.current.state) this.current = { ...this.current, state, since: new RealDate() };
  }

  tries(attempts: number): void {
    this.current = { ...this.current, attempts };
  }

  failed(error: unknown): void {
    const errors = [...this.current.errors, error].slice(-mostErrors);
    this.current = { ...this.current, error, errors };
  }

  /** Sets the last commit, found at the start or made now. */
  committed(lastCommit: BatchStreamStatus['lastCommit']): void {
    this.current = { ...this.current, lastCommit, error: undefined, attempts: 0 };
  }
}
