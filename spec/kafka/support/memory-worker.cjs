// A mill on Kafka one of whose topics is behind, in a process whose memory is its own: run by memory.spec.ts, over the
// built package. Tells again and again what it has received and how much it holds.
require('reflect-metadata');
const { Field, Message, field, joinStreams, joinWith, message, processFunction, WaterMill } = require('../../../dist');
const { KafkaMessageBroker } = require('../../../build/modules/dist/brokers/kafka/index.js');
const { PartitionQueue } = require('../../../build/modules/dist/brokers/kafka/reading/partition-queue.js');

const { address, group, orders, prices, sales, maxBytesPerPartition } = JSON.parse(process.env.WATERMILL_MEMORY);

class Order {}
class Price {}
for (const made of [Order, Price]) {
  Field(() => Number)(made.prototype, 'time');
  Message({ name: made.name })(made);
}
class Sale {}
Field(() => Number)(Sale.prototype, 'time');
Message({ name: 'Sale' })(Sale);

const received = { [orders]: 0, [prices]: 0 };
const receive = PartitionQueue.prototype.receive;
PartitionQueue.prototype.receive = function (fetched) {
  received[fetched.topic] += fetched.records.length;
  return receive.call(this, fetched);
};

const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
const broker = new KafkaMessageBroker({
  brokers: [address],
  group,
  topics: [
    [Order, orders],
    [Price, prices],
    [Sale, sales],
  ],
  maxWaitMs: 20,
  maxBytesPerPartition,
});
const sell = processFunction(tree, { emits: [Sale] }, ({ time }) => message(Sale, { time }));
const mill = new WaterMill({ process: sell, broker });

let peak = 0;
const tell = () => {
  const { rss } = process.memoryUsage();
  peak = Math.max(peak, rss);
  process.send({ received, rss, peak, waits: mill.progress()?.waiting.length > 0 });
};
const telling = setInterval(tell, 50);
mill.run().then(
  () => {
    clearInterval(telling);
    tell();
    process.disconnect();
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
