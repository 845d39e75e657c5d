import { container } from 'tsyringe';
import { BadMessage, field, type Logger, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { ColdChain, Limits } from './cold-chain.js';
import type { Configuration } from './configuration.js';
import { Alarm, Position, Temperature } from './messages.js';
import { topicsOf } from './topics.js';

/** Milliseconds: how much messages of several lorries may be out of order in a partition. */
const slack = 500;

export function makeMill(configuration: Configuration, logger: Logger) {
  const { connection, group, guarantee, maxCelsius, commitEveryMs, createTopics } = configuration;
  const topics = topicsOf(configuration.topicPrefix);
  const misbehaving = { order: { slack }, onBadMessage: { deadLetter: BadMessage } } as const;
  return new WaterMill({
    process: ColdChain,
    container: container.createChildContainer().registerInstance(Limits, new Limits(maxCelsius)),
    broker: new KafkaMessageBroker({
      ...connection,
      group,
      heartbeatIntervalMs: configuration.heartbeatMs,
      guarantee,
      createTopics: createTopics > 0 && { partitions: createTopics },
      topics: [
        [Temperature, topics.temperatures],
        [Position, topics.positions],
        [Alarm, topics.alarms, { key: field(Alarm, 'truck') }],
        [BadMessage, topics.deadLetters],
      ],
    }),
    inputs: [
      [Temperature, misbehaving],
      [Position, misbehaving],
    ],
    commitEvery: { ms: commitEveryMs },
    logger,
  });
}
