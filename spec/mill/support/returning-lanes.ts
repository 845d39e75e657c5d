import { LaneClaim } from '../../../lib/brokers/partitions/lane-claim.js';
import { ScriptedBroker } from './scripted-broker.js';
import type { BrokerLane, Connection, ConnectRequest } from './seam.js';

/** A broker whose lanes are taken away, and returned at once until it is told that they stay away. */
export class ReturningLanes extends ScriptedBroker {
  times = 0;
  private isAway = false;
  private claim = new LaneClaim();

  override async connect(request: ConnectRequest): Promise<Connection> {
    const connection = await super.connect(request);
    return { ...connection, lanes: () => this.lanesOf(connection, request.signal) };
  }

  takeAway(forGood = false): void {
    this.isAway = forGood;
    this.claim.revoke();
  }

  /** Takes the lanes away for good, and lets them commit nothing more. */
  lose(): void {
    this.isAway = true;
    this.claim.lose();
  }

  private async *lanesOf(connection: Connection, signal: AbortSignal): AsyncGenerator<BrokerLane, void> {
    while (!signal.aborted && !this.isAway) {
      for await (const lane of connection.lanes()) {
        this.claim = new LaneClaim();
        this.times++;
        let release = (): void => {};
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        const { revoked, lost } = this.claim;
        yield { ...lane, revoked, lost, release: async () => release() };
        await released;
      }
    }
  }
}
