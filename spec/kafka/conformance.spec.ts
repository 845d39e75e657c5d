import type { Broker, Connection } from 'watermill';
import { brokerConformance, type ConformanceHarness } from 'watermill/conformance';
import { KafkaMessageBroker } from 'watermill/kafka';
import { describeOnKafka, kafkaAddress, quick, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

type Guarantee = 'at-least-once' | 'exactly-once';

const cluster = new TestCluster();

function harnessOf(guarantee: Guarantee): ConformanceHarness {
  return {
    async make(streams, outputs) {
      const topics = new Map<unknown, string>();
      for (const { values } of streams) {
        if (topics.has(values)) continue;
        const topic = await cluster.topic();
        topics.set(values, topic);
        await cluster.write(topic, values);
        await cluster.end(topic);
      }
      for (const message of outputs) topics.set(message, await cluster.topic());
      const group = uniqueName('group');
      const connections: Connection[] = [];
      const open = (): Broker =>
        recording(
          new KafkaMessageBroker({
            ...quick,
            brokers: [kafkaAddress as string],
            group,
            guarantee,
            // Those of the changes of tables.
            createTopics: true,
            topics: [
              ...streams.map(({ message, values }) => [message, topics.get(values) as string] as const),
              ...outputs.map((message) => [message, topics.get(message) as string] as const),
            ],
          }),
          connections,
        );
      return {
        broker: open(),
        async restart() {
          // Closing commits nothing, so for the broker it is like a killed process, without the session timeout.
          await Promise.all(connections.map((connection) => connection.close()));
          return open();
        },
        written: (message) => cluster.values(topics.get(message) as string),
        ended: async (message) =>
          (await cluster.readEnded(topics.get(message) as string)).filter(({ isEnd }) => isEnd).length === 1,
      };
    },
  };
}

function recording(broker: Broker, connections: Connection[]): Broker {
  return {
    name: broker.name,
    abilities: broker.abilities,
    streamOf: (message) => broker.streamOf(message),
    async connect(request) {
      const connection = await broker.connect(request);
      connections.push(connection);
      return connection;
    },
  };
}

/** A guarantee that a broker cannot give if it commits results and positions separately. */
const onlyExactlyOnce = /results after the last commit are undone/;

describeOnKafka('the Kafka broker keeps the protocol', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  describe.each<Guarantee>(['exactly-once', 'at-least-once'])('%s:', (guarantee) => {
    for (const { name, run } of brokerConformance(harnessOf(guarantee))) {
      if (guarantee === 'exactly-once' || !onlyExactlyOnce.test(name)) test(name, run);
    }
  });
});
