import { realTime } from '../../base/real-time.js';
import { KafkaClientError } from './client.js';

/** How often what was interrupted is tried again, and after which pauses, which double. Milliseconds. */
export interface Retry {
  readonly retries: number;
  readonly initialRetryTime: number;
  readonly maxRetryTime: number;
}

/** The pause before an attempt; the first repetition is 1. */
export function pauseBefore(attempt: number, { initialRetryTime, maxRetryTime }: Retry): number {
  return Math.min(maxRetryTime, initialRetryTime * 2 ** (attempt - 1));
}

/** Repeats what was interrupted, and tells of it: only for what may be done twice. */
export async function repeating<T>(
  retry: Retry,
  work: () => Promise<T>,
  tell: (error: KafkaClientError, attempt: number) => void = () => {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KafkaClientError) || error.kind !== 'interrupted') throw error;
      if (attempt > retry.retries) throw new KafkaClientError('given up', error.cause);
      tell(error, attempt);
      await realTime.sleep(pauseBefore(attempt, retry));
    }
  }
}
