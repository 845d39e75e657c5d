// One life of a mill with a table on Kafka, in a process that can be killed: run by crash-tables.spec.ts, over the built modules.
const { KafkaMessageBroker } = require('../../../build/modules/dist/brokers/kafka/index.js');
const { dieInTurn } = require('./die-in-turn.cjs');
const { life, liveWithTables, Seen, Step } = require('../../support/table-life.cjs');

dieInTurn(life.dieAt);

liveWithTables(
  new KafkaMessageBroker({
    brokers: [life.address],
    group: life.group,
    guarantee: life.guarantee,
    topics: [
      [Step, life.steps],
      [Seen, life.seen],
    ],
    sessionTimeoutMs: 1_000,
    heartbeatIntervalMs: 200,
    rebalanceTimeoutMs: 3_000,
    maxWaitMs: 20,
  }),
);
