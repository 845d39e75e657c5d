// One life of a mill on Redis, in a process that can be killed: run by crash.spec.ts, over the built modules.
const { BadMessage, field, joinStreams, joinWith, message, processFunction, WaterMill } =
  require('../../../build/modules/dist/index.js');
const {
  RedisMessageBroker,
  redisGroup,
  redisList,
  redisStream,
} = require('../../../build/modules/dist/brokers/redis/index.js');
const { life, live, pause, Order, Price, Sale } = require('../../support/life.cjs');

const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
const join = processFunction(tree, { emits: [Sale] }, async (order, found) => {
  await pause(order);
  return found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount }));
});
const copy = processFunction(Order, { emits: [Sale] }, async (order) => {
  await pause(order);
  if (order.id === life.poison) process.kill(process.pid, 'SIGKILL');
  return message(Sale, { id: order.id, amount: order.time });
});

const { orders, prices, sales, consumer } = life;
const groupOptions = {
  consumer,
  claimAfterMs: 400,
  count: 20,
  maxDeliveries: life.maxDeliveries,
  deadLetter: BadMessage,
};
const lanes = (key) => [0, 1, 2, 3].map((lane) => `${key}:${lane}`);
const inputs = {
  lanes: () => [
    [Order, redisStream(lanes(orders), { count: 50 })],
    [Price, redisStream(lanes(prices), { count: 50 })],
  ],
  streams: () => [
    [Order, redisStream(orders, { count: 50 })],
    [Price, redisStream(prices, { count: 50 })],
  ],
  group: () => [[Order, redisGroup(orders, groupOptions)]],
  list: () => [[Order, redisList(orders)]],
};
const broker = new RedisMessageBroker({
  url: life.url,
  group: life.group,
  guarantee: life.guarantee,
  entries: [...inputs[life.kind](), [Sale, redisStream(life.kind === 'lanes' ? lanes(sales) : sales)]],
});
const commitEvery = { elements: life.perCommit, ms: 50 };
live(new WaterMill({ process: 'streams lanes'.includes(life.kind) ? join : copy, broker, commitEvery }));
