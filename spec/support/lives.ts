import { type ChildProcess, spawn } from 'node:child_process';

export interface Life {
  readonly child: ChildProcess;
  /** Resolves with whether it ended by itself; false: it was killed. Rejects if the mill failed. */
  readonly ended: Promise<boolean>;
}

const running = new Set<ChildProcess>();

/** Called after a failed test. */
export function killRemainingLives(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a process that runs a worker, which gets its arguments from `life.cjs`. */
export function startWorker(worker: string, told: object, nodeOptions: readonly string[] = []): Life {
  const env = { ...process.env, WATERMILL_LIFE: JSON.stringify(told) };
  const child = spawn(process.execPath, [...nodeOptions, worker], { env });
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
