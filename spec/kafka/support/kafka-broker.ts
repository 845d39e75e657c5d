import type { MessageClass } from 'watermill';
import { KafkaMessageBroker, type KafkaOptions } from 'watermill/kafka';
import { kafkaAddress, quick, uniqueName } from './on-kafka.js';

export type Guarantee = 'at-least-once' | 'exactly-once';

export const guarantees: readonly Guarantee[] = ['exactly-once', 'at-least-once'];

/** A broker for a test: a separate group, unless one is given, and short timeouts. */
export function kafkaBroker(
  topics: readonly (readonly [MessageClass<any>, string])[],
  options: Omit<Partial<KafkaOptions>, 'topics'> = {},
): KafkaMessageBroker {
  return new KafkaMessageBroker({
    ...quick,
    // Options are checked without a broker, too.
    brokers: [kafkaAddress ?? '127.0.0.1:1'],
    group: uniqueName('group'),
    topics,
    ...options,
  });
}
