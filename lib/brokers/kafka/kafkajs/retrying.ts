import { realTime } from '../../../base/real-time.js';
import { pauseBefore, type Retry } from '../../retry.js';
import { KafkaClientError } from '../client.js';

/** Retries interrupted work, reporting each retry. Only for operations that may be repeated. */
export async function retrying<T>(
  retry: Retry,
  work: () => Promise<T>,
  onRetry: (error: KafkaClientError, attempt: number) => void = () => {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof KafkaClientError) || error.kind !== 'interrupted') throw error;
      if (attempt > retry.retries) throw new KafkaClientError('given up', error.cause);
      onRetry(error, attempt);
      await realTime.sleep(pauseBefore(attempt, retry));
    }
  }
}
