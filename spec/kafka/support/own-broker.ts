import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A broker for a single test, which may damage it. */
export class OwnBroker {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
  ) {}

  static async start(): Promise<OwnBroker> {
    const child = fork(path.join(__dirname, 'own-broker-process.mjs'));
    return new OwnBroker(child, await answerOf(child));
  }

  /** Kills it by SIGKILL. */
  kill(): Promise<void> {
    return this.command('kill');
  }

  /** Restarts it with its data. Resolves when it responds. */
  begin(): Promise<void> {
    return this.command('begin');
  }

  /** Suspends it: it keeps its connections, but does nothing. */
  pause(): Promise<void> {
    return this.command('pause');
  }

  continue(): Promise<void> {
    return this.command('continue');
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }

  private async command(name: string): Promise<void> {
    this.child.send(name);
    await answerOf(this.child);
  }
}

/** Returns the next message of the process, which only sends responses. */
async function answerOf(child: ChildProcess): Promise<string> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('The broker of this test has ended.');
  });
  const answer = once(child, 'message', { signal }).then(([said]) => said as string);
  try {
    return await Promise.race([answer, ended]);
  } finally {
    answered.abort();
    await Promise.allSettled([answer, ended]);
  }
}
