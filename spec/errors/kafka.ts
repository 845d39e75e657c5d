import { randomBytes } from 'node:crypto';
import { MemoryMessageBroker, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { KafkaClientError } from '../../lib/brokers/kafka/client.js';
import { writeMetadata } from '../../lib/brokers/kafka/commit-metadata.js';
import { laneTaken } from '../../lib/brokers/kafka/kafka-errors.js';
import { KafkaLane } from '../../lib/brokers/kafka/kafka-lane.js';
import { fakeClient, fakeProducer, runOver } from '../kafka/support/fake-client.js';
import { Item, Note } from '../plan/model.js';
import type { Production } from './produced-code.js';

function splitTransaction(): unknown {
  const topics = [[Item, 'items']] as const;
  const broker = new KafkaMessageBroker({ brokers: ['nowhere:1'], group: 'g', topics, guarantee: 'exactly-once' });
  const process = processFunction(Item, { emits: [Note] }, () => undefined);
  return new WaterMill({ process, broker, outputBroker: new MemoryMessageBroker([]) });
}

function commitTooLarge(): Promise<void> {
  const lane = new KafkaLane({
    group: 'g',
    partition: 0,
    plan: '0',
    inputs: [{ topic: 'items', raw: false, skipsEmpty: false }],
    topicIds: new Map(),
    queues: new Map(),
    committed: [],
    startOffset: async () => 0,
    startMoves: false,
    checkedOffset: async (_, offset) => offset,
    producer: fakeProducer(),
    hasOutputs: true,
    commit: async () => {},
    confirm: async () => {},
    released: async () => {},
  });
  return lane.commit(randomBytes(4_096).toString('hex'), { positions: [0], ended: false, marks: [] });
}

/** Imports the broker when the client library is not installed. */
function withoutKafkajs(): void {
  jest.isolateModules(() => {
    jest.doMock('kafkajs', () => {
      throw new Error("Cannot find module 'kafkajs'");
    });
    require('../../lib/brokers/kafka/index.js');
  });
}

const counts = new Map([
  ['items', { partitions: 2, id: 'i' }],
  ['notes', { partitions: 1, id: 'n' }],
]);
const elsewhere = {
  topic: 'items',
  partition: 0,
  offset: 3,
  metadata: writeMetadata({ text: '{}', stage: 'open', plan: '0' }),
};

/** Errors of the Kafka broker, with a fake client. */
export const kafka: readonly Production[] = [
  ['WM_TOPIC_MISSING', () => runOver(fakeClient({ topics: async () => new Map() }))],
  ['WM_PARTITION_COUNTS', () => runOver(fakeClient({ topics: async () => counts }))],
  ['WM_POSITION_LOST', () => runOver(fakeClient(), { startFrom: { items: { 0: 11 } } })],
  ['WM_GROUP_POSITIONS', () => runOver(fakeClient({ committed: async () => [{ ...elsewhere, metadata: '' }] }))],
  ['WM_COMMIT_TOO_LARGE', commitTooLarge],
  ['WM_GUARANTEE', splitTransaction],
  [
    'WM_LANE_TAKEN',
    () => {
      throw laneTaken('0', new KafkaClientError('fenced', 'another epoch'));
    },
  ],
  ['WM_KAFKAJS_MISSING', withoutKafkajs],
  ['WM_KAFKA_FAILED', () => runOver(fakeClient({ join: () => Promise.reject(new Error('no coordinator')) }))],
];
