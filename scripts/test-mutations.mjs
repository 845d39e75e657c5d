// Breaks the machine, one operator or bound at a time, and asks whether a test sees it:
// npm run test:mutations -- [--only TEXT]
// The mutations stand in spec/mutations/mutations.json. Each is applied to a copy of lib; a survivor is a missing test.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './run.mjs';

const HANGS_AFTER_MS = 180_000;

/** Most mutations fall to the first rounds; the last is all that `npm test` runs of the lane. */
const rounds = [
  {
    specs: ['moment', 'fixtures', 'calls', 'series', 'windows', 'counts', 'long'].map((name) => `spec/lane/${name}`),
    env: {},
  },
  { specs: ['spec/lane/oracle'], env: { WATERMILL_CASES: '400' } },
  { specs: ['spec/lane'], env: {} },
];

/** The lane needs no broker, so nothing of what the others' tests set up. */
const config = `const { globalSetup, globalTeardown, ...base } = require('./jest.config.js');
module.exports = { ...base, roots: ['<rootDir>/spec'], testTimeout: 120_000 };
`;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const all = JSON.parse(readFileSync(path.join(root, 'spec/mutations/mutations.json'), 'utf8'));
const mutations = all.filter((mutation) => JSON.stringify(mutation).includes(values.only ?? ''));
const survived = [];
const startedAt = Date.now();

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

/** What the specs of the lane need, at a place of its own. */
function makeCopy() {
  const copy = mkdtempSync(path.join(tmpdir(), 'watermill-mutations-'));
  for (const part of ['lib', 'spec/lane', 'spec/oracle', 'spec/support', '.swcrc', 'package.json', 'jest.config.js']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
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
  try {
    for (const round of rounds) if (!(await passes(copy, round))) return true;
    return false;
  } finally {
    writeFileSync(target, text);
  }
}

/** Whether the tests pass; a run that never ends does not. */
function passes(copy, { specs, env }, stdio = 'ignore') {
  const jest = path.join(copy, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', 'jest.mutations.config.js', '--bail', '--runInBand', '--silent', ...specs];
  const { WATERMILL_CASES, WATERMILL_SEED, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio, env: { ...inherited, ...env } });
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

const total = mutations.length;
if (!(await unbrokenPasses())) throw new Error('the tests fail without any mutation');
await Promise.all(Array.from({ length: Math.min(availableParallelism(), total) }, work));
const seconds = Math.round((Date.now() - startedAt) / 1000);
console.log(`${total - survived.length} of ${total} mutations caught in ${seconds} s`);
if (survived.length > 0) process.exitCode = 1;

/** A test that fails anyway would catch everything. */
async function unbrokenPasses() {
  const copy = makeCopy();
  try {
    return await passes(copy, rounds.at(-1), 'inherit');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
