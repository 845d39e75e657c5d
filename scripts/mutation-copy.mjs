// A copy of the repository, in which the library is broken.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './run.mjs';

/** The broker, if one is needed, is started once for all of them. */
const config = `const { globalSetup, globalTeardown, ...base } = require('./jest.config.js');
module.exports = { ...base, roots: ['<rootDir>/spec'], testTimeout: 120_000 };
`;

/** Also compiles and builds code with unused names, which many mutations leave: no user would notice that. */
const unusedNames = /"noUnused(Locals|Parameters)": true/g;

/** Copies the tracked files to a separate folder, with this checkout's packages. */
export function makeCopy() {
  const copy = mkdtempSync(path.join(tmpdir(), 'watermill-mutations-'));
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of String(stdout).split('\0')) {
    if (file !== '') cpSync(path.join(root, file), path.join(copy, file), { recursive: true });
  }
  putBuild(copy);
  writeFileSync(path.join(copy, 'jest.mutations.config.js'), config);
  const settings = path.join(copy, 'tsconfig.json');
  writeFileSync(settings, readFileSync(settings, 'utf8').replaceAll(unusedNames, '"noUnused$1": false'));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'dir');
  return copy;
}

/** Copies the build without a mutation, which some specs run. */
export function putBuild(copy) {
  for (const built of ['dist', 'build/modules']) {
    rmSync(path.join(copy, built), { recursive: true, force: true });
    cpSync(path.join(root, built), path.join(copy, built), { recursive: true });
  }
}

export function removeCopy(copy) {
  rmSync(copy, { recursive: true, force: true });
}

/** Breaks one file; returns a function that restores it. */
export function mutate(copy, { file, original, replacement }) {
  const target = path.join(copy, file);
  const text = readFileSync(target, 'utf8');
  const parts = text.split(original);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${original}`);
  writeFileSync(target, parts.join(replacement));
  return () => writeFileSync(target, text);
}

/** Throws if the compiler rejects a mutation: invalid code fails every test, and proves nothing about them. */
export function expectToCompile(copy, mutations) {
  const refused = roundsOf(mutations).flatMap((round) => {
    const restores = round.map((mutation) => mutate(copy, mutation));
    const said = errorsOfCompiler(copy);
    for (const restore of restores) restore();
    // One mutation per file is applied: the file identifies it.
    return said.map((line) => {
      const mutation = round.find(({ file }) => line.startsWith(`${file}(`));
      return mutation === undefined ? line : `${mutation.original} -> ${mutation.replacement}\n  ${line}`;
    });
  });
  if (refused.length > 0) throw new Error(`Mutations that do not compile:\n${refused.join('\n')}`);
}

/** Splits mutations into rounds with at most one per file. */
function roundsOf(mutations) {
  const rounds = [];
  for (const mutation of mutations) {
    const round = rounds.find((each) => each.every(({ file }) => file !== mutation.file));
    if (round === undefined) rounds.push([mutation]);
    else round.push(mutation);
  }
  return rounds;
}

function errorsOfCompiler(copy) {
  const args = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit', '--pretty', 'false'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => /: error TS\d+/.test(line));
}
