/** The number of retries of an interrupted operation, and the pauses before them, which double. Milliseconds. */
export interface Retry {
  readonly retries: number;
  readonly initialRetryTime: number;
  readonly maxRetryTime: number;
}

/** The pause before an attempt; the first retry is 1. */
export function pauseBefore(attempt: number, { initialRetryTime, maxRetryTime }: Retry): number {
  return Math.min(maxRetryTime, initialRetryTime * 2 ** (attempt - 1));
}
