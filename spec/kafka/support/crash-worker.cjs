// One life of a mill on Kafka, in a process that can be killed: run by crash.spec.ts, over the built modules.
const {
  alias,
  field,
  joinStreams,
  joinWith,
  message,
  processFunction,
  WaterMill,
} = require('../../../build/modules/dist/index.js');
const { KafkaMessageBroker } = require('../../../build/modules/dist/brokers/kafka/index.js');
const { dieInTurn } = require('./die-in-turn.cjs');
const { life, live, pause, Order, Price, Sale } = require('../../support/life.cjs');

const Next = alias(Order, 'Next');

dieInTurn(life.dieAt);

const second = life.selfJoin ? Next : Price;
const left = life.selfJoin ? field(Order, 'time').plus(2) : field(Order, 'time');
const tree = joinStreams(Order, joinWith(second, { left, right: field(second, 'time') }));
const pairUp = processFunction(tree, { emits: [Sale] }, async (here, found) => {
  await pause(here);
  return found
    .of(here)
    .map((other) => message(Sale, { id: `${here.id} ${other.id ?? other.amount}`, amount: here.time }));
});
const broker = new KafkaMessageBroker({
  brokers: [life.address],
  group: life.group,
  guarantee: life.guarantee,
  topics: [
    [Order, life.orders],
    [second, life.selfJoin ? life.orders : life.prices],
    [Sale, life.sales],
  ],
  sessionTimeoutMs: 1_000,
  heartbeatIntervalMs: 200,
  rebalanceTimeoutMs: 3_000,
  maxWaitMs: 20,
});
live(new WaterMill({ process: pairUp, broker, commitEvery: { elements: life.perCommit } }));
