import { realTime } from '../../../base/real-time.js';
import { pauseBefore, type Retry } from '../../retry.js';
import { KafkaClientError } from '../client.js';

/**
 * Retries interrupted work, reporting each retry. Only for operations that may be repeated. Once `closed` is aborted, it
 * rejects instead of retrying.
 */
export async function retrying<T>(
  retry: Retry,
  work: () => Promise<T>,
  onRetry: (error: KafkaClientError, attempt: number) => void = () => {},
  closed?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KafkaClientError) || error.kind !== 'interrupted') throw error;
      if (attempt > retry.retries) throw new KafkaClientError('given up', error.cause);
      if (closed?.aborted) throw error;
      onRetry(error, attempt);
      const pause = realTime.sleep(pauseBefore(attempt, retry), undefined, { signal: closed });
      await pause.catch(() => {
        throw error;
      });
    }
  }
}
