import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** The outcome of an attempt to lock. */
export interface Attempt {
  readonly taken: boolean;
  /** The owner of the lock, if it is another process. */
  readonly owner?: string;
}

/** Another process that takes locks. `wrapper`: a command that runs it, such as `unshare`. */
export class LockProcess {
  private readonly child: ChildProcess;

  private constructor(wrapper: readonly string[]) {
    const [command, ...args] = [...wrapper, process.execPath, path.join(__dirname, 'lock-child.mjs')];
    this.child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  static async start(...wrapper: string[]): Promise<LockProcess> {
    const started = new LockProcess(wrapper);
    await once(started.child, 'message');
    return started;
  }

  take(file: string): Promise<Attempt> {
    return this.order({ order: 'take', path: file }) as Promise<Attempt>;
  }

  async release(): Promise<void> {
    await this.order({ order: 'release' });
  }

  /** Kills it. Resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  get pid(): number {
    return this.child.pid!;
  }

  private async order(order: object): Promise<unknown> {
    const answer = once(this.child, 'message');
    this.child.send(order);
    return (await answer)[0];
  }
}
