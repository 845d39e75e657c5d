import { KafkaClientError, type KafkaFailure } from './client.js';

const kinds: Readonly<Record<string, KafkaFailure>> = {
  INVALID_PRODUCER_EPOCH: 'fenced',
  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',
  FENCED_INSTANCE_ID: 'fenced',
  TOPIC_AUTHORIZATION_FAILED: 'unauthorised',
  GROUP_AUTHORIZATION_FAILED: 'unauthorised',
  CLUSTER_AUTHORIZATION_FAILED: 'unauthorised',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'unauthorised',
  SASL_AUTHENTICATION_FAILED: 'unauthorised',
  MESSAGE_TOO_LARGE: 'too large',
  RECORD_LIST_TOO_LARGE: 'too large',
};

/** An error of kafkajs by what can be done about it; the first known kind on the way to its root counts. */
export function translated(error: unknown): KafkaClientError {
  if (error instanceof KafkaClientError) return error;
  for (let at = error as Layer | undefined, depth = 0; at != null && depth < 8; at = at.cause ?? at.originalError) {
    const kind = at.name === 'KafkaJSSASLAuthenticationError' ? 'unauthorised' : kinds[at.type ?? ''];
    if (kind !== undefined) return new KafkaClientError(kind, error);
    depth++;
  }
  return new KafkaClientError('other', error);
}

interface Layer {
  readonly name?: string;
  readonly type?: string;
  readonly cause?: Layer;
  readonly originalError?: Layer;
}

/** The outcome of a call of kafkajs, its failure in our words. */
export async function translating<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translated(error);
  }
}
