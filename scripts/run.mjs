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

export function tsc(...args) {
  runNode(path.join(root, 'node_modules/typescript/bin/tsc'), args);
}
