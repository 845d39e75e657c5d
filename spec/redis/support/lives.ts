import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { redisUrl } from './on-redis.js';

/** What the processes of one crash test have in common. */
export interface LifeSetup {
  readonly kind: 'streams' | 'lanes' | 'group' | 'list';
  readonly guarantee: 'at-least-once' | 'exactly-once';
  readonly group: string;
  readonly orders: string;
  readonly prices: string;
  readonly sales: string;
  readonly perCommit: number;
  /** How long every tenth call takes. */
  readonly pauseMs: number;
  readonly maxDeliveries: number;
  /** The id of the order that ends the process. */
  readonly poison?: string;
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

/** Starts a process that runs the mill, under the name of a consumer. */
export function startLife(setup: LifeSetup, consumer = 'one'): Life {
  const env = { ...process.env, WATERMILL_LIFE: JSON.stringify({ ...setup, url: redisUrl, consumer }) };
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
