import type { Admin, ResourceConfigQuery } from 'kafkajs';
import { KafkaClientError, type TopicFacts, type TopicLimits } from '../client.js';
import type { KafkajsCluster, RawBroker } from './cluster.js';
import { kafkajs } from './package.js';
import {
  decodedMetadata,
  encodedMetadataRequest,
  metadataKey,
  metadataVersion,
  type TopicMetadata,
} from './topic-metadata.js';

/** The facts of these topics; topics that do not exist are left out. */
export async function topicFacts(
  cluster: KafkajsCluster,
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicFacts>> {
  const broker = await cluster.anyBroker();
  if ((broker.versions[metadataKey]?.maxVersion ?? 0) < metadataVersion) return factsWithoutIds(admin, topics);
  const found = (await metadataFrom(broker, topics)).filter(isThere);
  return new Map(found.map(({ topic, error: _, ...facts }) => [topic, facts]));
}

function metadataFrom(broker: RawBroker, topics: readonly string[]): Promise<TopicMetadata[]> {
  const buffer = encodedMetadataRequest(topics);
  const encode = async () => ({ buf: buffer, buffer });
  return broker.connectionPool.send({
    request: { apiKey: metadataKey, apiVersion: metadataVersion, apiName: 'Metadata', encode },
    response: { decode: async (answer) => decodedMetadata(answer), parse: async (topics) => topics },
  });
}

const unknown = 3;
const leaderless = 5;
const invalid = 17;
const unauthorised = 29;

function isThere({ topic, error }: TopicMetadata): boolean {
  if (error === 0 || error === leaderless) return true;
  if (error === unknown) return false;
  if (error === unauthorised)
    throw new KafkaClientError('unauthorised', `${topic}: this user may not describe the topic`);
  if (error === invalid) throw new KafkaClientError('other', `'${topic}' is not a valid topic name`);
  throw new KafkaClientError('interrupted', `${topic}: the broker answers with error ${error}`);
}

/** For brokers before Kafka 2.8. */
async function factsWithoutIds(admin: Admin, topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
  const known = new Set(await admin.listTopics());
  const asked = topics.filter((topic) => known.has(topic));
  const metadata = await admin.fetchTopicMetadata({ topics: asked });
  return new Map(
    metadata.topics.map(({ name, partitions }) => [name, { partitions: partitions.length, id: undefined }]),
  );
}

/** The limits of a topic, as far as this user may know them. */
export async function topicLimits(admin: Admin, topic: string): Promise<TopicLimits> {
  const query: ResourceConfigQuery = {
    type: kafkajs.ConfigResourceTypes.TOPIC,
    name: topic,
    configNames: ['max.message.bytes', 'cleanup.policy', 'delete.retention.ms', 'message.timestamp.type'],
  };
  const answer = await admin.describeConfigs({ includeSynonyms: false, resources: [query] });
  const entries = answer.resources[0]?.configEntries ?? [];
  const valued = (name: string) => entries.find(({ configName }) => configName === name)?.configValue;
  const maxBytes = Number(valued('max.message.bytes') ?? Number.NaN);
  return {
    maxBytes: Number.isSafeInteger(maxBytes) ? maxBytes : undefined,
    isCompacted: valued('cleanup.policy')?.split(',').includes('compact'),
    isDeleted: valued('cleanup.policy')?.split(',').includes('delete'),
    isAppendTime: valued('message.timestamp.type') === 'LogAppendTime',
    deleteRetentionMs: valued('delete.retention.ms') === undefined ? undefined : Number(valued('delete.retention.ms')),
  };
}
