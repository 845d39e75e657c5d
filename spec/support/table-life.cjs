// What the workers of crash tests with tables have in common: the steps of table-oracle.ts, and what each call sees and does.
require('reflect-metadata');
const {
  Field,
  field,
  message,
  Message,
  processFunction,
  table,
  WaterMill,
} = require('../../build/modules/dist/index.js');
const { life, live, pause } = require('./life.cjs');

const declare = (name, fields) => {
  const Made = { [name]: class {} }[name];
  for (const [member, type] of Object.entries(fields)) Field(() => type)(Made.prototype, member);
  Message({ name })(Made);
  return Made;
};
const Step = declare('Step', { at: Number, work: String, key: String, to: String });
const History = declare('History', { key: String, text: String });
const Load = declare('Load', { id: Number, at: Number, text: String });
const Seen = declare('Seen', { at: Number, text: String });
const Histories = table(History, { key: field(History, 'key'), name: 'Histories', store: life.store });
const Loads = table(Load, { key: field(Load, 'id'), name: 'Loads', store: life.store });

function look({ key, to }, histories) {
  const textOf = (each) => histories.get(each)?.text;
  const sorted = [...histories.range()].map((each) => `${each.key}=${each.text}`);
  return `${textOf(key) ?? '-'} ${textOf(to) ?? '-'} ${histories.size} ${sorted.join(' ')}`;
}

function work({ at, work, key, to }, histories) {
  const next = `${histories.get(key)?.text ?? ''}${at}.`;
  if (work === 'put' || work === 'twice') histories.put({ key, text: next });
  if (work === 'twice') histories.put({ key, text: `${next}${at}.` });
  if (work === 'delete' || work === 'move') histories.delete(key);
  if (work === 'move') histories.put({ key: to, text: next });
  if (work.startsWith('fail')) histories.put({ key: to, text: 'never' });
}

/** Changes some rows of a table that has many; says what the first of them was, and how many there were. */
function carry({ at }, { rows, perStep, bytes }, loads) {
  const first = (at * perStep) % rows;
  const said = `${loads.get(first)?.at ?? '-'} of ${loads.size}`;
  for (let i = 0; i < perStep; i++) loads.put({ id: (first + i) % rows, at, text: 'x'.repeat(bytes) });
  return said;
}

const { load } = life;
const options = { inject: load === undefined ? [Histories] : [Histories, Loads], emits: [Seen], onError: 'skip' };
const process_ = processFunction(Step, options, async (step, histories, ...[loads]) => {
  await pause({ time: step.at });
  const text = look(step, histories);
  work(step, histories);
  const carried = load === undefined ? '' : ` ${carry(step, load, loads)}`;
  if (step.work.startsWith('fail')) throw new Error(step.work);
  return message(Seen, { at: step.at, text: `${text}${carried}` });
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs a mill over the steps to its end; the process ends then, and prints how many steps it has read. */
function liveWithTables(broker) {
  // Only elements say when to commit: what a slow machine commits must not differ.
  const commitEvery = { elements: life.perCommit, ms: 50_000 };
  live(new WaterMill({ process: process_, broker, logger, commitEvery, storeFolder: life.storeFolder }));
}

module.exports = { life, liveWithTables, Step, Seen };
