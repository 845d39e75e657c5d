import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a program to its end; exits with its exit code if it failed. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a JavaScript file with the Node that runs this script. */
export function runNode(file, args = [], options = {}) {
  run(process.execPath, [file, ...args], options);
}

/** Exits if an option is not a whole number: otherwise a test would run no cases, and pass. */
export function expectCount(name, text, least = 1) {
  if (/^-?\d+$/.test(text) && Number(text) >= least) return;
  console.error(`--${name}: expected a whole number${least > 0 ? ` of ${least} or more` : ''}, found ${text}.`);
  process.exit(2);
}

export function tsc(...args) {
  runNode(path.join(root, 'node_modules/typescript/bin/tsc'), args);
}
