import { processFunction, type RunReport, WaterMill } from 'watermill';
import { KafkaMessageBroker, type KafkaOptions } from 'watermill/kafka';
import type { MessageHeaders } from '../../../lib/brokers/batch.js';
import { BrokerOptions } from '../../../lib/brokers/broker-options.js';
import type {
  KafkaClient,
  KafkaProducer,
  KafkaRecord,
  Membership,
  OutgoingRecord,
  OutgoingRecords,
  TopicOffset,
} from '../../../lib/brokers/kafka/client.js';
import { openConnection } from '../../../lib/brokers/kafka/open-connection.js';
import { kafkaSettings } from '../../../lib/brokers/kafka/options/kafka-settings.js';
import { Item, Note } from '../../plan/model.js';

/** A producer that accepts everything; tests replace single methods. */
export function fakeProducer(changes: Partial<KafkaProducer> = {}): KafkaProducer {
  const nothing = async (): Promise<void> => {};
  return { send: async () => undefined, begin: nothing, commit: nothing, abort: nothing, close: nothing, ...changes };
}

/** The records of a request without changes of tables. */
export function recordsOf(records: OutgoingRecords): readonly OutgoingRecord[] {
  return records as readonly OutgoingRecord[];
}

/** A cluster with two empty topics of one partition each; tests replace single methods. */
export function fakeClient(changes: Partial<KafkaClient> = {}): KafkaClient {
  const client: KafkaClient = {
    topics: async (topics) => new Map(topics.map((topic) => [topic, { partitions: 1, id: `id-of-${topic}` }])),
    limitsOf: async () => ({ maxBytes: undefined, isCompacted: false }),
    createTopics: async () => {},
    offsetsOf: async () => [{ partition: 0, low: 0, high: 10 }],
    lastRecord: async () => undefined,
    readAll: async () => 0,
    offsetsAt: async () => [0],
    committed: async () => [],
    committedFor: (group) => client.committed(group),
    join: async (membership: Membership) => {
      setImmediate(() => membership.assigned([0], false));
      return {
        seek: () => {},
        pause: () => {},
        resume: () => {},
        commit: async () => {},
        rebalance: () => {},
        leave: async () => {},
      };
    },
    openProducer: async () => fakeProducer(),
    close: async () => {},
    ...changes,
  };
  return client;
}

/** Runs a mill that copies items into notes, over a fake client. */
export async function runOver(
  client: KafkaClient,
  options: Partial<KafkaOptions> = {},
  emit = (item: Item): Note => Object.assign(new Note(), { text: item.name }),
  settingsOfMill: object = {},
): Promise<RunReport> {
  const all = {
    brokers: ['nowhere:1'],
    group: 'g',
    topics: [
      [Item, 'items'],
      [Note, 'notes'],
    ] as any,
    ...options,
  };
  const broker = new KafkaMessageBroker(all);
  const settings = kafkaSettings(new BrokerOptions('KafkaMessageBroker', all, Object.keys(all)));
  broker.connect = (request) => openConnection(client, settings, request);
  return new WaterMill({ process: processFunction(Item, { emits: [Note] }, emit), broker, ...settingsOfMill }).run();
}

export function recordOf(offset: number, text: string, headers: MessageHeaders = {}): KafkaRecord {
  const value = Buffer.from(text);
  return { offset, value, valueLength: value.length, text: () => text, key: null, timestamp: -1, headers };
}

/** A client whose only partition has these values and then the end mark. */
export function clientWith(values: readonly object[], changes: Partial<KafkaClient> = {}): KafkaClient {
  let stored: readonly TopicOffset[] = [];
  return fakeClient({
    committed: async () => stored,
    join: async (membership) => {
      setImmediate(() => membership.assigned([0], false));
      return {
        seek: () => {},
        pause: () => {},
        resume: (topic, partition) => {
          const records = [
            ...values.map((value, i) => recordOf(i, JSON.stringify(value))),
            recordOf(values.length, '', { watermill: 'end-of-stream' }),
          ];
          setImmediate(() =>
            membership.received({ topic, partition, from: 0, next: records.length, high: records.length, records }),
          );
        },
        commit: async (offsets) => {
          stored = offsets;
        },
        rebalance: () => {},
        leave: async () => {},
      };
    },
    ...changes,
  });
}
