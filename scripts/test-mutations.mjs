// Breaks the library, one operator, bound or line at a time, and asks whether a test sees it:
// npm run test:mutations -- [--only TEXT]
// The mutations stand in spec/mutations/mutations.json, the specs that must see them in mutation-areas.mjs. Each is
// applied to a copy of the repository; a survivor is a missing test. Of one that is caught it says by which test.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBroker, stopBroker } from './kafka-broker.mjs';
import { areaOf } from './mutation-areas.mjs';
import { expectToCompile, makeCopy, mutate, putBuild, removeCopy } from './mutation-copy.mjs';
import { hasRedisServer, startServer, stopServer } from './redis-server.mjs';
import { root } from './run.mjs';

/**
 * The timeout of a hanging run: this long, and this many times as long as without a mutation, since the machine may be
 * busy.
 */
const hangsAfterMs = 180_000;
const hangsAfterTimes = 3;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const all = JSON.parse(readFileSync(path.join(root, 'spec/mutations/mutations.json'), 'utf8'));
const mutations = all.filter((mutation) => JSON.stringify(mutation).includes(values.only ?? ''));
if (mutations.length === 0) throw new Error(`No mutation holds ${values.only}.`);
const areas = [...new Set(mutations.map(({ file }) => areaOf(file)))];
const survived = [];
const startedAt = Date.now();
const total = mutations.length;
/** By round of specs: its duration without a mutation. */
const usualMs = new Map();

const broker = areas.some(({ kafka }) => kafka) ? await startBroker() : undefined;
const asksRedis = areas.some(({ rounds }) =>
  rounds.some(({ specs }) => specs.some((spec) => spec.startsWith('spec/redis'))),
);
if (asksRedis && !hasRedisServer()) throw new Error('Some of these mutations need a redis-server: install it.');
const redis = asksRedis ? await startServer() : undefined;
try {
  await unbrokenPasses();
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), total) }, work));
} finally {
  if (broker !== undefined) await stopBroker(broker);
  if (redis !== undefined) await stopServer(redis);
}
const seconds = Math.round((Date.now() - startedAt) / 1000);
console.log(`${total - survived.length} of ${total} mutations caught in ${seconds} s`);
for (const { file, original, replacement } of survived) console.log(`survived: ${file}: ${original} -> ${replacement}`);
if (survived.length > 0) process.exitCode = 1;

async function work() {
  const copy = makeCopy();
  try {
    for (let mutation = mutations.shift(); mutation !== undefined; mutation = mutations.shift()) {
      const { file, original, replacement } = mutation;
      const seen = await whatSees(copy, mutation);
      if (seen === undefined) survived.push(mutation);
      console.log(
        `${seen === undefined ? 'SURVIVED' : 'caught  '} ${file}: ${short(original)} -> ${short(replacement)}`,
      );
      if (seen !== undefined) console.log(`         by ${seen}`);
    }
  } finally {
    removeCopy(copy);
  }
}

/** Returns the failing test; undefined if there is none. */
async function whatSees(copy, mutation) {
  const restore = mutate(copy, mutation);
  const area = areaOf(mutation.file);
  try {
    if (area.builds) await build(copy);
    for (const round of area.rounds) {
      const failed = await whatFails(copy, round, Math.max(hangsAfterMs, hangsAfterTimes * usualMs.get(round)));
      if (failed !== undefined) return failed;
    }
    return undefined;
  } finally {
    restore();
    if (area.builds) putBuild(copy);
  }
}

/**
 * Specs that start processes run the built package in them. It is rebuilt only for the areas whose faults show there.
 */
async function build(copy) {
  const { code, text } = await run(copy, [path.join(copy, 'scripts/build.mjs')]);
  if (code !== 0) throw new Error(`The library does not build:\n${text}`);
}

/** Returns the first failing test, or that they never end; undefined if all pass. */
async function whatFails(copy, { specs, env }, afterMs) {
  const jest = path.join(copy, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', 'jest.mutations.config.js', '--bail', '--runInBand', '--silent', ...specs];
  const { code, text, hangs } = await run(copy, args, env, afterMs);
  if (hangs) return `a run that hangs: ${specs.join(' ')}`;
  if (code === 0) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  const name = lines.find((line) => line.startsWith('● ')) ?? `exit code ${code}: ${lines.at(-1)}`;
  return [lines.find((line) => line.startsWith('FAIL '))?.split(' ')[1], name].filter(Boolean).join(' ');
}

function run(cwd, args, env = {}, afterMs = undefined) {
  // The copy must be built, even if this checkout is.
  const { WATERMILL_CASES, WATERMILL_SEED, WATERMILL_BUILT, ...inherited } = process.env;
  const kafka = broker === undefined ? {} : { WATERMILL_TEST_KAFKA: broker.address };
  const server = redis === undefined ? {} : { WATERMILL_TEST_REDIS: redis.url, WATERMILL_TEST_OWN_REDIS: 'true' };
  const stdio = ['ignore', 'pipe', 'pipe'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio, env: { ...inherited, ...kafka, ...server, ...env } });
    let text = '';
    let hangs = false;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
    const end = () => {
      hangs = true;
      child.kill('SIGKILL');
    };
    const timer = afterMs && setTimeout(end, afterMs);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve({ code, text, hangs });
    });
  });
}

function short(text) {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line === '' ? '(nothing)' : line.length > 70 ? `${line.slice(0, 67)}...` : line;
}

/** Checks that the tests pass without a mutation: a test that fails anyway would catch everything. */
async function unbrokenPasses() {
  const copy = makeCopy();
  try {
    expectToCompile(copy, mutations);
    if (areas.some(({ builds }) => builds)) await build(copy);
    for (const { rounds } of areas) {
      for (const round of rounds) {
        const since = Date.now();
        const failed = await whatFails(copy, round);
        if (failed !== undefined) throw new Error(`The tests fail without any mutation: ${failed}`);
        usualMs.set(round, Date.now() - since);
      }
    }
  } finally {
    removeCopy(copy);
  }
}
