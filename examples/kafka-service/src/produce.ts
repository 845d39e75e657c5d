import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, type LogEntry, type Message, Partitioners, type Producer } from 'kafkajs';
import { type Connection, readConnection, readTopicPrefix } from './configuration.js';
import { Environment } from './environment.js';
import { jsonLogger } from './json-logger.js';
import { sampleOf } from './sample.js';
import { topicsOf } from './topics.js';

/** A record that ends a partition. */
const endMark = { value: '{"watermill":"end-of-stream"}', headers: { watermill: 'end-of-stream' } };

const logger = jsonLogger('info');
let stopped = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopped = true;
  });
}

async function produce(): Promise<void> {
  const env = new Environment(process.env);
  const connection = readConnection(env);
  const { temperatures, positions } = topicsOf(readTopicPrefix(env));
  const steps = env.number('STEPS', Number.MAX_SAFE_INTEGER);
  const stepMs = env.number('STEP_MS', 1000);
  const ends = env.oneOf('END_STREAMS', ['true', 'false'], 'false') === 'true';
  env.check();

  const kafka = kafkaOf(connection);
  const partitions = await partitionsOf(kafka, [temperatures, positions]);
  // Both topics use the same key and partitioner, so a lorry is in partitions of the same number.
  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  let at = 0;
  let step = 0;
  try {
    await producer.connect();
    for (; step < steps && !stopped; step++) {
      at = Math.max(at + 1, Date.now());
      const sample = sampleOf(step, new Date(at));
      await send(producer, temperatures, sample.temperatures.map(record));
      await send(producer, positions, sample.positions.map(record));
      if (stepMs > 0) await wait(stepMs);
    }
    if (ends && !stopped) {
      for (const [topic, ids] of partitions) {
        const marks = ids.map((partition) => ({ ...endMark, partition }));
        await send(producer, topic, marks);
      }
    }
  } finally {
    await producer.disconnect();
  }
  logger.info({ steps: step }, `Sent ${step} steps${ends && !stopped ? ', and ended the streams' : ''}`);
}

function kafkaOf(connection: Connection): Kafka {
  const logCreator = () => (entry: LogEntry) => {
    const { message, error } = entry.log;
    logger.warn({ client: 'kafkajs', err: error }, message);
  };
  return new Kafka({ ...connection, clientId: 'trucks', logCreator });
}

function record(value: object): Message {
  return { key: (value as { truck: string }).truck, value: JSON.stringify(value) };
}

/** Returns the partitions of the topics, which must exist. */
async function partitionsOf(kafka: Kafka, topics: string[]): Promise<Map<string, number[]>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const known = await admin.listTopics();
    const missing = topics.filter((topic) => !known.includes(topic));
    if (missing.length > 0) {
      throw new Error(
        `The cluster has no topic ${missing.join(', ')}: make it, or start the mill first, with CREATE_TOPICS.`,
      );
    }
    const metadata = await admin.fetchTopicMetadata({ topics });
    return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.map((one) => one.partitionId)]));
  } finally {
    await admin.disconnect();
  }
}

async function send(producer: Producer, topic: string, messages: Message[]): Promise<void> {
  if (messages.length > 0) await producer.send({ topic, messages });
}

produce().catch((error: unknown) => {
  logger.error({ err: error }, `The producer has failed: ${(error as Error).message}`);
  process.exitCode = 1;
});
