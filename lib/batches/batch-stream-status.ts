import { RealDate } from '../base/date.js';

/**
 * `new`: not run yet; `waiting` for the next interval, or for a source to have something; `reading` the sources; `working`: the
 * function is called; `retrying`: a batch failed, and its pause is not over; `stopped`; `failed`.
 */
export type BatchStreamState = 'new' | 'waiting' | 'reading' | 'working' | 'retrying' | 'stopped' | 'failed';

/** How a batch stream is doing. */
export interface BatchStreamStatus {
  readonly state: BatchStreamState;
  /** What failed last, as it was thrown; undefined again once a batch is committed. */
  readonly error: unknown;
  /** What failed, the last ten, oldest first. */
  readonly errors: readonly unknown[];
  /** How often the batch in progress was tried, this try included; 0 where there is none. */
  readonly attempts: number;
  /** Undefined if nothing was ever committed. */
  readonly lastCommit: { readonly id: number; readonly at: Date } | undefined;
  /** Since when it is in this state. */
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

  /** What the last commit was, found at the start or made now. */
  committed(lastCommit: BatchStreamStatus['lastCommit']): void {
    this.current = { ...this.current, lastCommit, error: undefined, attempts: 0 };
  }
}
