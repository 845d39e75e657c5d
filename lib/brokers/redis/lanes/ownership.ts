import type { ConnectRequest } from '../../broker.js';
import type { SteadyClient } from '../client/steady-client.js';
import { ownerKey, progressKey } from '../commit/lane-record.js';
import { lanesToTake } from './lane-shares.js';

/** A process without a sign of life for this long is dead. Milliseconds. */
const aliveMs = 10_000;
/** The interval at which a process shows life, and checks the owners of the lanes. Milliseconds. */
const lookEveryMs = 1_000;

export interface OwnershipSetup {
  readonly client: SteadyClient;
  readonly request: ConnectRequest;
  readonly group: string;
  readonly token: string;
  /** The number of lanes. */
  readonly lanes: number;
  /** Called with lanes that this process should take. */
  readonly take: (lanes: readonly number[]) => void;
  /** Called with lanes that another process has taken. */
  readonly taken: (lanes: readonly number[]) => void;
  /** Called when all lanes have ended. */
  readonly ended: () => void;
  readonly failed: (error: unknown) => void;
}

/** The lanes of a group at one moment. */
interface Seen {
  readonly owners: readonly (string | null)[];
  readonly open: readonly number[];
  readonly members: readonly string[];
}

/**
 * Balances the lanes of a group among its processes. The newest process takes its share immediately; lanes of a process
 * that stops or dies are taken by the others. This only balances the load: correctness depends on the fact that only
 * the owner of a lane can commit.
 */
export class Ownership {
  private cancel: () => void = () => {};
  private isClosed = false;

  constructor(private readonly setup: OwnershipSetup) {}

  async start(): Promise<void> {
    await this.sendHeartbeat();
    this.share(await this.look(), true);
    this.schedule();
  }

  /** From now on the other processes treat this one as gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancel();
    const { client, token } = this.setup;
    const leave = client.run((connection) =>
      Promise.all([connection.send(['DEL', this.aliveKey(token)]), connection.send(['SREM', this.membersKey, token])]),
    );
    await leave.catch(() => {});
  }

  private schedule(): void {
    if (this.isClosed) return;
    this.cancel = this.setup.request.clock.setTimer(lookEveryMs, () => {
      this.checkOwner().then(
        () => this.schedule(),
        (error) => this.isClosed || this.setup.failed(error),
      );
    });
  }

  private async checkOwner(): Promise<void> {
    const { token, taken, ended } = this.setup;
    await this.sendHeartbeat();
    const seen = await this.look();
    if (this.isClosed) return;
    taken(seen.owners.flatMap((owner, lane) => (owner === token ? [] : [lane])));
    if (seen.open.length === 0) ended();
    else this.share(seen, false);
  }

  private share({ owners, open, members }: Seen, isNewest: boolean): void {
    const { token, lanes, take } = this.setup;
    const ownerOf = (lane: number): string | undefined => {
      const owner = owners[lane];
      return owner != null && (owner === token || members.includes(owner)) ? owner : undefined;
    };
    const shares = { open, ownerOf, members, me: token };
    // The newest process also opens lanes that have ended: their ends may have to be written again.
    const over = Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => !open.includes(lane));
    take(isNewest ? [...over, ...lanesToTake(shares, true)] : lanesToTake(shares, false));
  }

  private async look(): Promise<Seen> {
    const { client, group, lanes } = this.setup;
    const numbers = Array.from({ length: lanes }, (_, lane) => lane);
    return client.run(async (connection) => {
      const [owners, stages, known] = await Promise.all([
        connection.send(['MGET', ...numbers.map((lane) => ownerKey(group, String(lane)))]),
        connection.send(['HMGET', progressKey(group), ...numbers.map((lane) => `${lane}:stage`)]),
        connection.send(['SMEMBERS', this.membersKey]),
      ]);
      const alive = await Promise.all(
        known.map((member: string) => connection.send(['EXISTS', this.aliveKey(member)])),
      );
      const dead = known.filter((_: string, i: number) => alive[i] !== 1);
      if (dead.length > 0) await connection.send(['SREM', this.membersKey, ...dead]);
      const members = known.filter((_: string, i: number) => alive[i] === 1);
      return { owners, open: numbers.filter((lane) => stages[lane] !== 'ended'), members };
    });
  }

  private async sendHeartbeat(): Promise<void> {
    const { client, token } = this.setup;
    await client.run((connection) =>
      Promise.all([
        connection.send(['SET', this.aliveKey(token), '1', 'PX', String(aliveMs)]),
        connection.send(['SADD', this.membersKey, token]),
      ]),
    );
  }

  private get membersKey(): string {
    return `watermill:${this.setup.group}:members`;
  }

  private aliveKey(token: string): string {
    return `watermill:${this.setup.group}:alive:${token}`;
  }
}
