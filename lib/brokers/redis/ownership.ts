import type { ConnectRequest } from '../broker.js';
import { ownerKey, progressKey } from './lane-record.js';
import type { SteadyClient } from './steady-client.js';

/** A process that has shown no life for this long is dead. */
const aliveMs = 10_000;
/** How often a process shows life, and looks at who has the lanes. */
const lookEveryMs = 1_000;

export interface OwnershipSetup {
  readonly client: SteadyClient;
  readonly request: ConnectRequest;
  readonly group: string;
  readonly token: string;
  readonly lanes: readonly string[];
  /** Lanes that nobody alive has. */
  readonly free: (lanes: readonly string[]) => void;
  /** Lanes that another process has. */
  readonly taken: (lanes: readonly string[]) => void;
  /** All lanes have ended. */
  readonly ended: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Who has the lanes of a group. The newest process takes them all, at once; the others stand by, and take them if it dies or
 * stops before the lanes have ended. Nothing rests on this but that lanes do not lie idle: what keeps two processes apart is
 * that only the owner of a lane can commit.
 */
export class Ownership {
  private cancel: () => void = () => {};
  private isClosed = false;

  constructor(private readonly setup: OwnershipSetup) {}

  async start(): Promise<void> {
    await this.showLife();
    this.schedule();
  }

  /** From now on this process is as good as dead. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancel();
    await this.setup.client.send(['DEL', this.aliveKey(this.setup.token)]).catch(() => {});
  }

  private schedule(): void {
    if (this.isClosed) return;
    this.cancel = this.setup.request.clock.setTimer(lookEveryMs, () => {
      this.look().then(
        () => this.schedule(),
        (error) => this.isClosed || this.setup.failed(error),
      );
    });
  }

  private async look(): Promise<void> {
    const { client, group, lanes, token, free, taken, ended } = this.setup;
    await this.showLife();
    const owners: (string | null)[] = await client.send(['MGET', ...lanes.map((lane) => ownerKey(group, lane))]);
    const stages = await client.send(['HMGET', progressKey(group), ...lanes.map((lane) => `${lane}:stage`)]);
    const others = [...new Set(owners.filter((owner) => owner !== null && owner !== token))] as string[];
    const alive = await Promise.all(others.map((other) => client.send(['EXISTS', this.aliveKey(other)])));
    if (this.isClosed) return;
    const living = new Set(others.filter((_, i) => alive[i] === 1));
    taken(lanes.filter((_, i) => owners[i] !== token));
    const isFree = (owner: string | null | undefined) => owner == null || (owner !== token && !living.has(owner));
    if (stages.every((stage: string | null) => stage === 'ended')) ended();
    else free(lanes.filter((_, i) => stages[i] !== 'ended' && isFree(owners[i])));
  }

  private async showLife(): Promise<void> {
    await this.setup.client.send(['SET', this.aliveKey(this.setup.token), '1', 'PX', String(aliveMs)]);
  }

  private aliveKey(token: string): string {
    return `watermill:${this.setup.group}:alive:${token}`;
  }
}
