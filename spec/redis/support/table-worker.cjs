// One life of a mill with tables on Redis, in a process that can be killed: run by crash-tables.spec.ts, over the built modules.
const { RedisMessageBroker, redisStream } = require('../../../build/modules/dist/brokers/redis/index.js');
const { life, liveWithTables, Seen, Step } = require('../../support/table-life.cjs');

const keys = (key) => Array.from({ length: life.lanes }, (_, lane) => `${key}:${lane}`);

liveWithTables(
  new RedisMessageBroker({
    url: life.url,
    group: life.group,
    guarantee: life.guarantee,
    entries: [
      [Step, redisStream(keys(life.steps), { count: 50 })],
      [Seen, redisStream(keys(life.seen))],
    ],
  }),
);
