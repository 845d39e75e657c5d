import { Kafka, type KafkaMessage, logLevel, type Message } from 'kafkajs';
import { Digest } from './digest.js';

const perSend = 500;

export const brokers: string[] = (process.env.KAFKA_BROKERS ?? '').split(',');
export const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });

let names = 0;

/** Returns an unused name: a topic that is deleted and recreated confuses clients. */
export function freshName(what: string): string {
  return `${what}-${process.pid}-${Date.now()}-${++names}`;
}

export async function makeTopic(topic: string, partitions: number): Promise<void> {
  // Records with old timestamps would soon be deleted.
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  await withAdmin((admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, configEntries }] }),
  );
}

/** The record after the last one of a partition that ends. */
export const endRecord = { value: '{}', headers: { watermill: 'end-of-stream' } };

/**
 * Creates a topic with these records in each partition, followed by the end mark; once for all variants and
 * repetitions.
 */
export async function filledTopic(
  name: string,
  partitions: number,
  count: number,
  recordOf: (index: number) => Message,
): Promise<string> {
  const topic = `bench-${name}-${partitions}-${count}`;
  if (await withAdmin(async (admin) => (await admin.listTopics()).includes(topic))) return topic;
  await makeTopic(topic, partitions);
  const producer = kafka.producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  await producer.connect();
  for (let partition = 0; partition < partitions; partition++) {
    for (let from = 0; from < count; from += perSend) {
      const messages: Message[] = [];
      for (let i = from; i < Math.min(count, from + perSend); i++) messages.push({ ...recordOf(i), partition });
      await producer.send({ topic, messages });
    }
    await producer.send({ topic, messages: [{ ...endRecord, partition }] });
  }
  await producer.disconnect();
  return topic;
}

/** Returns the digest of one number of each result, by partition, as seen by a reader of committed records. */
export async function digestOfTopic(
  topic: string,
  partitions: number,
  numberOf: (value: any, message: KafkaMessage) => number,
  count: number,
) {
  const digests = Array.from({ length: partitions }, () => new Digest());
  const consumer = kafka.consumer({ groupId: freshName('reader'), maxWaitTimeInMs: 20 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  await new Promise<void>((resolve, reject) => {
    setTimeout(() => reject(new Error(`${topic} holds ${read} results instead of ${count}.`)), 60_000).unref();
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) {
            if (message.headers?.watermill !== undefined) continue;
            digests[batch.partition]?.add(numberOf(JSON.parse(String(message.value)), message));
            read++;
          }
          if (read >= count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return digests.join('; ');
}

async function withAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
