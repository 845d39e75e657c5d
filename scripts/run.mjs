import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a program to its end; ends this process with the program's exit code when it failed. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a JavaScript file with the Node that runs this script. */
export function runNode(file, args = [], options = {}) {
  run(process.execPath, [file, ...args], options);
}

/** Ends this process where an option is not a whole number: with none a test would try nothing, and pass. */
export function expectCount(name, text, least = 1) {
  if (/^-?\d+$/.test(text) && Number(text) >= least) return;
  console.error(`--${name}: expected a whole number${least > 0 ? ` of ${least} or more` : ''}, found ${text}.`);
  process.exit(2);
}

export function tsc(...args) {
  runNode(path.join(root, 'node_modules/typescript/bin/tsc'), args);
}
