import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './waits.js';

/** A server for a single test, which may damage it. Its data survive restarts. */
export class OwnServer {
  private readonly directory = mkdtempSync(path.join(tmpdir(), 'watermill-own-redis-'));
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly more: readonly string[],
  ) {}

  /** `more`: further options, as words of the command. */
  static async start(...more: string[]): Promise<OwnServer> {
    const server = new OwnServer(await freePort(), more);
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it. Resolves when it responds. */
  async begin(): Promise<void> {
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.directory,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
    };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.child = spawn('redis-server', [...words, ...this.more], { stdio: 'ignore' });
    await until(() => this.answers());
  }

  /** Kills it by SIGKILL. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Suspends it: it keeps its connections, but does nothing. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  continue(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
      const settle = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.on('error', () => settle(false));
      socket.on('data', (data) => settle(String(data).startsWith('+PONG')));
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
