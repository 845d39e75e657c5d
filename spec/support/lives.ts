import { type ChildProcess, spawn } from 'node:child_process';

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

/** Starts a process that runs a worker, which gets what it is told by `life.cjs`. */
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
