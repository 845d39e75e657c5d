import type { Json } from '../../base/json.js';
import { isWaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, LaneProgress, StreamReader } from '../broker.js';
import type { LaneRecord } from './lane-record.js';
import type { RedisWriter } from './redis-writer.js';
import type { SteadyClient } from './steady-client.js';

export interface LaneSetup {
  readonly name: string;
  /** Shown where there are several: the keys that it reads. */
  readonly label: string | undefined;
  /** Its own: what a transaction watches belongs to a connection. */
  readonly client: SteadyClient;
  /** What the group keeps of it; undefined without a group. */
  readonly record: LaneRecord | undefined;
  /** End marks are to be written when the lane is over. */
  readonly hasOutputs: boolean;
  readonly openReader: (input: number, mark: Json | undefined) => Promise<StreamReader>;
  /** Has what the lane's readers keep of their beginnings forgotten. */
  readonly restart: () => Promise<void>;
  /** What a failure of the client becomes. */
  readonly failed: (cause: unknown, what: string) => Error;
  readonly released: (lane: RedisLane) => Promise<void>;
}

/** One key of every input, while it is this process's. */
export class RedisLane implements BrokerLane {
  readonly name: string;
  readonly label?: string;
  writer: RedisWriter | undefined;
  private readonly revocation = new AbortController();

  constructor(readonly setup: LaneSetup) {
    this.name = setup.name;
    if (setup.label !== undefined) this.label = setup.label;
  }

  get client(): SteadyClient {
    return this.setup.client;
  }

  get committed(): string | undefined {
    return this.setup.record?.text;
  }

  get revoked(): AbortSignal {
    return this.revocation.signal;
  }

  get lost(): AbortSignal {
    return this.revocation.signal;
  }

  /** Another process has it: nothing more can be committed. */
  lose(): void {
    this.revocation.abort();
  }

  restart(): Promise<void> {
    return this.setup.restart();
  }

  openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    return this.setup.openReader(input, mark);
  }

  async commit(text: string, { ended }: LaneProgress): Promise<void> {
    const { record, hasOutputs, failed } = this.setup;
    const stage = !ended ? 'open' : hasOutputs ? 'over' : 'ended';
    try {
      await record?.commit(this.writer?.takeCommands() ?? [], stage, text);
    } catch (cause) {
      const error = failed(cause, `committing lane ${this.name}`);
      if (isWaterMillError(error) && error.code === 'WM_LANE_TAKEN') this.lose();
      throw error;
    }
  }

  release(): Promise<void> {
    return this.setup.released(this);
  }
}
