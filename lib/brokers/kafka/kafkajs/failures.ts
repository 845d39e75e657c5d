import { KafkaClientError, type KafkaFailure } from '../client.js';

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
  ILLEGAL_SASL_STATE: 'unauthorised',
  UNSUPPORTED_SASL_MECHANISM: 'unauthorised',
  MESSAGE_TOO_LARGE: 'too large',
  RECORD_LIST_TOO_LARGE: 'too large',
  INVALID_RECORD: 'invalid record',
  CORRUPT_MESSAGE: 'invalid record',
  INVALID_TIMESTAMP: 'invalid timestamp',
  INVALID_TRANSACTION_TIMEOUT: 'transaction timeout',
};

const ofFormerGeneration = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);

/** Returns whether a request was refused because the group is being, or was, rebalanced: the member must rejoin. */
export function isOfFormerGeneration(error: unknown): boolean {
  return layersOf(error).some(({ type }) => ofFormerGeneration.has(type ?? ''));
}

/** Converts an error of kafkajs to a kind of failure: the first known kind on the way to its root cause. */
export function translated(error: unknown): KafkaClientError {
  if (error instanceof KafkaClientError) return error;
  const { errors } = (error ?? {}) as Layer;
  if (errors !== undefined && errors.length > 0) return translatedAll(errors, error);
  const layers = layersOf(error);
  for (const { name, type } of layers) {
    const kind = name === 'KafkaJSSASLAuthenticationError' ? 'unauthorised' : kinds[type ?? ''];
    if (kind !== undefined) return new KafkaClientError(kind, error);
  }
  if (layers.some(({ name }) => name === 'KafkaJSNumberOfRetriesExceeded'))
    return new KafkaClientError('given up', error);
  return new KafkaClientError(layers.some(isPassing) ? 'interrupted' : 'other', error);
}

/** An error for several topics: the message of the client names none of them. */
function translatedAll(errors: readonly Layer[], cause: unknown): KafkaClientError {
  const found = errors.map(({ topic, message }) => (topic === undefined ? message : `${topic}: ${message}`)).join('; ');
  return new KafkaClientError(translated(errors[0]).kind, new Error(found, { cause }));
}

/**
 * kafkajs marks some errors as retriable. It also assumes that it is connected and knows the cluster: a broken
 * connection makes it forget both, which causes type errors. Before it sends a request, it waits for locks, each as long
 * as for a request: a lock is held longer if another request of the process waits for a broken connection.
 */
function isPassing({ name, retriable, message }: Layer): boolean {
  return (
    retriable === true ||
    name === 'TypeError' ||
    name === 'KafkaJSGroupCoordinatorNotFound' ||
    name === 'KafkaJSLockTimeout' ||
    message === 'Broker not connected'
  );
}

interface Layer {
  readonly name?: string;
  readonly type?: string;
  readonly retriable?: boolean;
  readonly message?: string;
  readonly topic?: string;
  readonly cause?: Layer;
  readonly originalError?: Layer;
  /** The errors of a request for several things. */
  readonly errors?: readonly Layer[];
}

/** An error and its causes, down to the root. */
function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = [];
  for (let at = error as Layer | undefined; at != null && layers.length < 8; at = at.cause ?? at.originalError) {
    layers.push(at);
  }
  return layers;
}

/** Runs a call of kafkajs, and converts its failure. */
export async function translating<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translated(error);
  }
}
