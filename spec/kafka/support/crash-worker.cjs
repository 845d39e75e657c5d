// One life of a mill on Kafka, in a process that can be killed: run by crash.spec.ts, over the built package.
require('reflect-metadata');
const {
  Field,
  Message,
  alias,
  field,
  joinStreams,
  joinWith,
  message,
  processFunction,
  WaterMill,
} = require('../../../dist/index.js');
const { KafkaMessageBroker } = require('../../../dist/brokers/kafka/index.js');
const { KafkajsMember } = require('../../../dist/brokers/kafka/kafkajs/member.js');
const { KafkajsProducer } = require('../../../dist/brokers/kafka/kafkajs/producer.js');

const life = JSON.parse(process.env.WATERMILL_LIFE);

class Order {}
Field(() => Number)(Order.prototype, 'time');
Field(() => String)(Order.prototype, 'id');
Message({ name: 'Order' })(Order);
class Price {}
Field(() => Number)(Price.prototype, 'time');
Field(() => Number)(Price.prototype, 'amount');
Message({ name: 'Price' })(Price);
class Sale {}
Field(() => String)(Sale.prototype, 'id');
Field(() => Number)(Sale.prototype, 'amount');
Message({ name: 'Sale' })(Sale);
const Next = alias(Order, 'Next');

/** Dies before or after every call that writes or commits, at the one that is its turn. */
let calls = 0;
const die = () => {
  if (++calls === life.dieAt) process.kill(process.pid, 'SIGKILL');
};
for (const [owner, name] of [
  [KafkajsProducer, 'send'],
  [KafkajsProducer, 'commit'],
  [KafkajsMember, 'commit'],
]) {
  const real = owner.prototype[name];
  owner.prototype[name] = async function (...args) {
    die();
    await real.apply(this, args);
    die();
  };
}

const second = life.selfJoin ? Next : Price;
const left = life.selfJoin ? field(Order, 'time').plus(2) : field(Order, 'time');
const tree = joinStreams(Order, joinWith(second, { left, right: field(second, 'time') }));
const pairUp = processFunction(tree, { emits: [Sale] }, async (here, found) => {
  if (here.time % 10 === 0) await new Promise((resolve) => setTimeout(resolve, life.pauseMs));
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
new WaterMill({ process: pairUp, broker, commitEvery: { elements: life.perCommit } }).run().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
