import type { EachBatchHandler, KafkaMessage, Message, Transaction } from 'kafkajs';
import { answerTo, commitEveryMs, type Relay } from './kafka-relay.js';
import { freshName, kafka } from './kafka-topics.js';

/**
 * Consumes and produces until the end of the stream. Reading continues meanwhile; messages that have arrived by then
 * are sent together.
 */
export async function relayByHand({ input, output, guarantee }: Relay): Promise<void> {
  const groupId = freshName('hand');
  const isTransactional = guarantee === 'exactly-once';
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 50 });
  const producer = kafka.producer({
    idempotent: true,
    // A transaction that follows at once is refused while the previous one is being ended, and is retried after this
    // time.
    retry: { initialRetryTime: 5, retries: 20 },
    maxInFlightRequests: isTransactional ? 1 : 5,
    ...(isTransactional && { transactionalId: groupId }),
  });
  await Promise.all([consumer.connect(), producer.connect()]);
  let transaction: Transaction | undefined;
  // The first message is committed at once: nothing more is sent before its result has arrived.
  let lastCommit = 0;
  const send = async (messages: Message[]): Promise<void> => {
    if (messages.length === 0) return;
    if (isTransactional) transaction ??= await producer.transaction();
    await (transaction ?? producer).send({ topic: output, acks: -1, messages });
  };
  const commit = async (offset: string): Promise<void> => {
    lastCommit = Date.now();
    if (transaction === undefined) {
      if (!isTransactional) await consumer.commitOffsets([{ topic: input, partition: 0, offset }]);
      return;
    }
    const topics = [{ topic: input, partitions: [{ partition: 0, offset }] }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics });
    await transaction.commit();
    transaction = undefined;
  };
  await consumer.subscribe({ topic: input, fromBeginning: true });
  let waiting: KafkaMessage[] = [];
  let isBusy = false;
  const take = async (records: KafkaMessage[]): Promise<boolean> => {
    const isLast = records.at(-1)?.headers?.watermill !== undefined;
    await send((isLast ? records.slice(0, -1) : records).map(resultOf));
    const isDue = Date.now() - lastCommit >= commitEveryMs[guarantee];
    if (isDue || isLast) await commit(String(Number(records.at(-1)?.offset) + 1));
    return isLast;
  };
  await new Promise<void>((resolve, reject) => {
    const takeAll = async (): Promise<void> => {
      isBusy = true;
      while (waiting.length > 0) {
        const records = waiting;
        waiting = [];
        if (await take(records)) resolve();
      }
      isBusy = false;
    };
    const eachBatch: EachBatchHandler = async ({ batch }) => {
      waiting.push(...batch.messages);
      if (!isBusy) takeAll().catch(reject);
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
}

function resultOf({ value }: KafkaMessage): Message {
  const { time, x } = JSON.parse(String(value));
  return { partition: 0, value: JSON.stringify({ time, y: answerTo(x) }) };
}
