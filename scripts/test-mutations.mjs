// Breaks the library, one operator, bound or line at a time, and asks whether a test sees it:
// npm run test:mutations -- [--only TEXT]
// The mutations stand in spec/mutations/mutations.json, the specs that must see them in mutation-areas.mjs. Each is
// applied to a copy of the repository; a survivor is a missing test.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBroker, stopBroker } from './kafka-broker.mjs';
import { areaOf } from './mutation-areas.mjs';
import { hasRedisServer, startServer, stopServer } from './redis-server.mjs';
import { root } from './run.mjs';

const HANGS_AFTER_MS = 180_000;

/** The broker, where one is needed, is started once for all of them. */
const config = `const { globalSetup, globalTeardown, ...base } = require('./jest.config.js');
module.exports = { ...base, roots: ['<rootDir>/spec'], testTimeout: 120_000 };
`;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const all = JSON.parse(readFileSync(path.join(root, 'spec/mutations/mutations.json'), 'utf8'));
const mutations = all.filter((mutation) => JSON.stringify(mutation).includes(values.only ?? ''));
if (mutations.length === 0) throw new Error(`No mutation holds ${values.only}.`);
const areas = [...new Set(mutations.map(({ file }) => areaOf(file)))];
const survived = [];
const startedAt = Date.now();
const total = mutations.length;

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
      const isCaught = await isSeen(copy, mutation);
      if (!isCaught) survived.push(mutation);
      console.log(`${isCaught ? 'caught  ' : 'SURVIVED'} ${file}: ${short(original)} -> ${short(replacement)}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The tracked files, at a place of their own, with this checkout's packages. */
function makeCopy() {
  const copy = mkdtempSync(path.join(tmpdir(), 'watermill-mutations-'));
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of String(stdout).split('\0')) {
    if (file !== '') cpSync(path.join(root, file), path.join(copy, file), { recursive: true });
  }
  // Some specs run the built package; it is built anew only for the areas whose faults show there.
  cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
  writeFileSync(path.join(copy, 'jest.mutations.config.js'), config);
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'dir');
  return copy;
}

async function isSeen(copy, { file, original, replacement }) {
  const target = path.join(copy, file);
  const text = readFileSync(target, 'utf8');
  const parts = text.split(original);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${original}`);
  writeFileSync(target, parts.join(replacement));
  const area = areaOf(file);
  try {
    // What the compiler refuses is seen as well.
    if (area.builds && !(await build(copy))) return true;
    for (const round of area.rounds) if (!(await passes(copy, round))) return true;
    return false;
  } finally {
    writeFileSync(target, text);
  }
}

/** Specs that start processes of their own run the built package in them. */
function build(copy) {
  return runs(copy, [path.join(copy, 'scripts/build.mjs')], {}, 'ignore');
}

/** Whether the tests pass; a run that never ends does not. */
function passes(copy, { specs, env = {} }, stdio = 'ignore') {
  const jest = path.join(copy, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', 'jest.mutations.config.js', '--bail', '--runInBand', '--silent', ...specs];
  return runs(copy, args, env, stdio);
}

function runs(cwd, args, env, stdio) {
  const { WATERMILL_CASES, WATERMILL_SEED, ...inherited } = process.env;
  const kafka = broker === undefined ? {} : { WATERMILL_TEST_KAFKA: broker.address };
  const server = redis === undefined ? {} : { WATERMILL_TEST_REDIS: redis.url, WATERMILL_TEST_OWN_REDIS: 'true' };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio, env: { ...inherited, ...kafka, ...server, ...env } });
    const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

function short(text) {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line === '' ? '(nothing)' : line.length > 70 ? `${line.slice(0, 67)}...` : line;
}

/** A test that fails anyway would catch everything. */
async function unbrokenPasses() {
  const copy = makeCopy();
  try {
    if (areas.some(({ builds }) => builds) && !(await build(copy))) throw new Error('the library does not build');
    for (const { rounds } of areas) {
      for (const round of rounds) {
        if (!(await passes(copy, round, 'inherit'))) throw new Error('the tests fail without any mutation');
      }
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
