// One life of a mill with a table on Kafka, in a process that can be killed: run by crash-tables.spec.ts, over the built modules.
const {
  Field,
  field,
  message,
  Message,
  processFunction,
  table,
  WaterMill,
} = require('../../../build/modules/dist/index.js');
const { KafkaMessageBroker } = require('../../../build/modules/dist/brokers/kafka/index.js');
const { dieInTurn } = require('./die-in-turn.cjs');
const { life, live, pause } = require('../../support/life.cjs');

dieInTurn(life.dieAt);

const declare = (name, fields) => {
  const Made = { [name]: class {} }[name];
  for (const [member, type] of Object.entries(fields)) Field(() => type)(Made.prototype, member);
  Message({ name })(Made);
  return Made;
};
const Step = declare('Step', { at: Number, work: String, key: String, to: String });
const History = declare('History', { key: String, text: String });
const Seen = declare('Seen', { at: Number, text: String });
const Histories = table(History, { key: field(History, 'key'), name: 'Histories', store: life.store });

const options = { inject: [Histories], emits: [Seen], onError: 'skip' };
const process_ = processFunction(Step, options, async ({ at, work, key, to }, histories) => {
  await pause({ time: at });
  const textOf = (each) => histories.get(each)?.text;
  const sorted = [...histories.range()].map((each) => `${each.key}=${each.text}`);
  const text = `${textOf(key) ?? '-'} ${textOf(to) ?? '-'} ${histories.size} ${sorted.join(' ')}`;
  const next = `${textOf(key) ?? ''}${at}.`;
  if (work === 'put' || work === 'twice') histories.put({ key, text: next });
  if (work === 'twice') histories.put({ key, text: `${next}${at}.` });
  if (work === 'delete' || work === 'move') histories.delete(key);
  if (work === 'move') histories.put({ key: to, text: next });
  if (work.startsWith('fail')) {
    histories.put({ key: to, text: 'never' });
    throw new Error(work);
  }
  return message(Seen, { at, text });
});
const broker = new KafkaMessageBroker({
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
});
const logger = { debug() {}, info() {}, warn() {}, error() {} };
live(
  new WaterMill({
    process: process_,
    broker,
    logger,
    commitEvery: { elements: life.perCommit },
    storeFolder: life.storeFolder,
  }),
);
