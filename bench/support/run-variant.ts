import { fork } from 'node:child_process';
import path from 'node:path';
import type { Measure, Outcome, Work } from './bench.js';

export interface ProcessOptions {
  /** The Node binary. */
  readonly node: string;
  /** The folder for a CPU profile of each process, if any. */
  readonly profile: string | undefined;
}

/** Runs one variant of a measure once, in a separate process. */
export function runVariant(
  bench: string,
  measure: Measure,
  variant: 'ours' | 'reference',
  work: Work,
  { node, profile }: ProcessOptions,
): Promise<Outcome> {
  const { heapMb } = measure[variant];
  const name = `${measure.name} ${variant}`;
  const flags = ['--expose-gc'];
  if (heapMb !== undefined) flags.push(`--max-old-space-size=${heapMb}`);
  if (profile !== undefined) {
    const file = `${name.replaceAll(' ', '-')}.cpuprofile`;
    flags.push('--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${file}`);
  }
  const args = [bench, measure.name, variant, String(work.size), work.folder];
  const child = fork(path.join(__dirname, 'variant-process.js'), args, { execPath: node, execArgv: flags });
  return new Promise((resolve, reject) => {
    let outcome: Outcome | undefined;
    child.on('message', (message) => {
      outcome = message as Outcome;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (outcome !== undefined && code === 0) resolve(outcome);
      else reject(new Error(`${name} ended with ${code ?? signal} before it gave a result.`));
    });
  });
}
