import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Guarantee } from './kafka-broker.js';
import { kafkaAddress } from './on-kafka.js';

/** What the processes of one crash test have in common. */
export interface LifeSetup {
  readonly guarantee: Guarantee;
  readonly selfJoin: boolean;
  readonly group: string;
  readonly orders: string;
  readonly prices: string;
  readonly sales: string;
  readonly perCommit: number;
  /** How long every tenth call takes. */
  readonly pauseMs: number;
}

export interface Life {
  readonly child: ChildProcess;
  /** Whether it came to its end; false: it was killed. Rejects when the mill failed. */
  readonly ended: Promise<boolean>;
}

const running = new Set<ChildProcess>();

/** After a test that failed. */
export function killRemainingLives(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a process that runs the mill; it kills itself at a call that writes or commits, if it is told which. */
export function startLife(setup: LifeSetup, dieAt = 0): Life {
  const env = { ...process.env, WATERMILL_LIFE: JSON.stringify({ ...setup, address: kafkaAddress, dieAt }) };
  const child = spawn(process.execPath, [path.join(__dirname, 'crash-worker.cjs')], { env });
  running.add(child);
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise<boolean>((resolve, reject) => {
    child.on('exit', (code, signal) => {
      running.delete(child);
      if (signal === 'SIGKILL') resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(`A mill failed: ${said}`));
    });
  });
  // Others may fail first.
  ended.catch(() => {});
  return { child, ended };
}
