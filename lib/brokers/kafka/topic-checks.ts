import { realTime } from '../../base/real-time.js';
import type { ConnectRequest } from '../broker.js';
import { expectEqualPartitions } from '../partitions/partition-counts.js';
import type { KafkaClient, TopicFacts } from './client.js';
import { kafkaFailed, notPermitted, topicsMissing } from './kafka-errors.js';
import type { KafkaSettings } from './options/kafka-options.js';

/** How often a topic is looked up that another mill creates. Milliseconds. */
const lookAgainMs = 200;

/** The topics of a mill. */
export interface MillTopics {
  readonly inputs: readonly string[];
  /** Output topics in which each lane writes to its own partition. */
  readonly aligned: readonly string[];
  /** Output topics in which lanes write to the partitions of the results' keys. */
  readonly spread: readonly string[];
  /** Inputs that the stage before this mill in a flow creates. */
  readonly ofStage: readonly string[];
}

type Environment = Pick<ConnectRequest, 'signal' | 'logger' | 'lanes'>;

/** Checks the topics of a mill, or creates them. Returns their facts. */
export async function checkTopics(
  client: KafkaClient,
  { inputs, aligned, spread, ofStage }: MillTopics,
  createTopics: KafkaSettings['createTopics'],
  { signal, logger, lanes = 1 }: Environment,
): Promise<ReadonlyMap<string, TopicFacts>> {
  const topics = [...new Set([...inputs, ...aligned, ...spread])];
  if (createTopics !== false && createTopics.partitions === undefined) {
    await untilCreated(client, ofStage, { signal, logger });
  }
  let facts = await client.topics(topics);
  // In the order of the mill's topics, so that the error reads like the plan.
  const equal = (partitionsOf: (topic: string) => number) =>
    expectEqualPartitions(new Map([...inputs, ...aligned].map((topic) => [topic, partitionsOf(topic)])), 'topic');
  const missing = topics.filter((topic) => !facts.has(topic));
  if (missing.length > 0) {
    if (createTopics === false) throw topicsMissing(missing);
    const known = [...inputs, ...aligned, ...spread].find((topic) => facts.has(topic)) ?? '';
    const partitions = createTopics.partitions ?? facts.get(known)?.partitions ?? lanes;
    equal((topic) => facts.get(topic)?.partitions ?? partitions);
    const { replicationFactor } = createTopics;
    const made = missing.map((topic) => ({ topic, partitions, replicationFactor }));
    await client.createTopics(made).catch((error) => {
      throw kafkaFailed(error, `creating the topics ${missing.join(', ')}`, missing.join(', '));
    });
    const fresh = await client.topics(missing);
    const factsOf = (topic: string): TopicFacts => fresh.get(topic) ?? { partitions, id: undefined };
    facts = new Map([...facts, ...missing.map((topic) => [topic, factsOf(topic)] as const)]);
  }
  equal((topic) => facts.get(topic)?.partitions as number);
  expectPermissions(facts, { read: inputs, write: [...aligned, ...spread] });
  return facts;
}

/** Throws if this user may not read or write a topic: later, the cluster would refuse a request without its name. */
export function expectPermissions(
  facts: ReadonlyMap<string, TopicFacts>,
  { read, write }: { readonly read: readonly string[]; readonly write: readonly string[] },
): void {
  const unreadable = read.find((topic) => facts.get(topic)?.mayRead === false);
  if (unreadable !== undefined) throw notPermitted(unreadable, 'read');
  const unwritable = write.find((topic) => facts.get(topic)?.mayWrite === false);
  if (unwritable !== undefined) throw notPermitted(unwritable, 'write to');
}

/** Waits for the topics that another mill creates. Rejects with an AbortError if the signal is aborted before. */
async function untilCreated(
  client: KafkaClient,
  topics: readonly string[],
  { signal, logger }: Environment,
): Promise<void> {
  for (let look = 1; topics.length > 0; look++) {
    const facts = await client.topics(topics);
    const missing = topics.filter((topic) => !facts.has(topic));
    if (missing.length === 0) return;
    if (look === 1) {
      const names = missing.join(', ');
      logger.info(
        { topics: missing },
        `Waiting for the topic ${names}: the stage before this one in the flow creates it`,
      );
    }
    await realTime.sleep(lookAgainMs, undefined, { signal });
  }
}
