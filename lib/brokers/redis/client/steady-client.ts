import type { Clock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import { pauseBefore, type Retry } from '../../retry.js';
import { type OpenRedis, type RedisClient, RedisClientError } from './redis-client.js';

export interface SteadySetup {
  readonly open: OpenRedis;
  readonly retry: Retry;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A connection that is reopened when it breaks: interrupted work is then repeated. */
export class SteadyClient {
  private opening: Promise<RedisClient> | undefined;
  private isClosed = false;
  /** The retries were exhausted, and nothing has succeeded since: further work, such as cleaning up, is tried once. */
  private hasGivenUp = false;
  /** Since when the connection has worked; undefined after it broke, until it is open again. */
  worksSince: number | undefined = Number.NEGATIVE_INFINITY;
  private wake: () => void = () => {};

  constructor(private readonly setup: SteadySetup) {}

  /** Runs work on the connection. `work` may be called several times, so it must be repeatable. */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const opening = this.connected();
      try {
        const client = await opening;
        this.worksSince ??= this.setup.clock.now();
        if (this.isClosed) throw closed();
        const result = await work(client);
        this.hasGivenUp = false;
        return result;
      } catch (error) {
        if (!(error instanceof RedisClientError) || error.kind !== 'interrupted') throw error;
        this.worksSince = undefined;
        await this.drop(opening);
        if (this.isClosed) throw error;
        const { retry, logger } = this.setup;
        if (this.hasGivenUp || attempt > retry.retries) {
          this.hasGivenUp = true;
          throw new RedisClientError('given up', error.cause, error.code);
        }
        const pauseMs = pauseBefore(attempt, retry);
        logger.warn({ err: error, attempt, pauseMs }, 'The connection to Redis broke; it is opened again');
        await this.pause(pauseMs);
      }
    }
  }

  send(command: Parameters<RedisClient['send']>[0]): Promise<any> {
    return this.run((client) => client.send(command));
  }

  /** Closes the connection. Commands in progress reject as interrupted. */
  close(): void {
    this.isClosed = true;
    this.wake();
    void this.drop(this.opening);
  }

  private connected(): Promise<RedisClient> {
    if (this.isClosed) return Promise.reject(closed());
    this.opening ??= this.setup.open();
    return this.opening;
  }

  private async drop(opening: Promise<RedisClient> | undefined): Promise<void> {
    if (opening === this.opening) this.opening = undefined;
    const client = await opening?.catch(() => undefined);
    client?.close();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.setup.clock.setTimer(ms, () => resolve());
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** Since when all of these connections have worked; undefined while one does not. */
export function allWorkSince(clients: readonly SteadyClient[]): number | undefined {
  const since = clients.map((client) => client.worksSince ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...since);
  return last === Number.POSITIVE_INFINITY ? undefined : last;
}

function closed(): RedisClientError {
  return new RedisClientError('interrupted', 'The connection was closed.');
}
