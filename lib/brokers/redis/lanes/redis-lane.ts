import type { Json } from '../../../base/json.js';
import type { BrokerLane, LaneProgress, StreamReader } from '../../broker.js';
import type { KeptTables, TableRequest } from '../../kept-tables.js';
import { LaneClaim } from '../../partitions/lane-claim.js';
import { stageOfCommit } from '../../partitions/lane-stage.js';
import type { SteadyClient } from '../client/steady-client.js';
import type { LaneRecord } from '../commit/lane-record.js';
import { RedisTables } from '../commit/redis-tables.js';
import type { RedisWriter } from '../commit/redis-writer.js';
import type { StreamEnd, StreamEnds } from '../commit/stream-ends.js';
import type { AckingReader } from '../reading/acking-reader.js';
import type { RedisStreamReader } from '../reading/stream-reader.js';

export interface LaneSetup {
  readonly name: string;
  /** The keys that it reads, if there are several lanes. */
  readonly label: string | undefined;
  /** The lane's own connection: the keys that a transaction watches belong to its connection. */
  readonly client: SteadyClient;
  /** The progress in the group; undefined without a group. */
  readonly record: LaneRecord | undefined;
  /** The keys of its tables; undefined if nothing is kept for another run. */
  readonly tables: readonly string[] | undefined;
  /** The lane's text is kept here, not by another broker. */
  readonly leads: boolean;
  /** End marks must be written when the lane is over. */
  readonly hasOutputs: boolean;
  readonly openReader: (input: number, mark: Json | undefined) => Promise<StreamReader>;
  /** Decides about a lane that had ended; throws if its inputs have changed. */
  readonly afterEnd: () => Promise<'ended' | 'restart'>;
  /** Drops the kept starts of the lane's readers. */
  readonly restart: () => Promise<void>;
  /** Converts a failure of the client. */
  readonly failed: (cause: unknown, what: string) => Error;
  readonly released: (lane: RedisLane) => Promise<void>;
}

/** One key of every input, while this process owns it. */
export class RedisLane extends LaneClaim implements BrokerLane {
  readonly name: string;
  readonly label?: string;
  readonly openTables?: (tables: readonly TableRequest[], mark: Json | undefined) => Promise<KeptTables>;
  readonly confirm?: () => Promise<void>;
  writer: RedisWriter | undefined;
  private tables: RedisTables | undefined;
  /** The readers of streams. */
  readonly streams: RedisStreamReader[] = [];
  /** Readers that acknowledge elements, and the inputs that each of them serves. */
  readonly acking: { readonly reader: AckingReader; readonly inputs: readonly number[] }[] = [];

  constructor(readonly setup: LaneSetup) {
    super();
    this.name = setup.name;
    if (setup.label !== undefined) this.label = setup.label;
    const { client, record, tables: hashes } = setup;
    if (record === undefined) return;
    record.onTaken = () => this.lose();
    this.confirm = () =>
      record.confirm().catch((cause) => {
        throw setup.failed(cause, `confirming lane ${this.name}`);
      });
    if (hashes === undefined) return;
    const failed = (cause: unknown) => setup.failed(cause, `restoring the tables of lane ${this.name}`);
    this.openTables = async (_, mark) => {
      this.tables = await RedisTables.open({ client, record, hashes, failed }, mark === undefined);
      return this.tables;
    };
  }

  get client(): SteadyClient {
    return this.setup.client;
  }

  get committed(): string | undefined {
    return this.setup.record?.text;
  }

  async afterEnd(): Promise<'ended' | 'restart'> {
    return this.setup.afterEnd();
  }

  restart(): Promise<void> {
    return this.setup.restart();
  }

  openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    return this.setup.openReader(input, mark);
  }

  async commit(text: string, { positions, ended }: LaneProgress): Promise<void> {
    const { record, hasOutputs, leads } = this.setup;
    if (record === undefined) return;
    const stage = stageOfCommit(leads && ended, hasOutputs);
    const done = this.acking.map(({ reader, inputs }) => {
      const below = Math.min(...inputs.map((input) => positions[input] as number));
      return { reader, below, commands: reader.acknowledge(below, ended) };
    });
    const commands = [
      ...(this.tables?.takeCommands() ?? []),
      ...(this.writer?.takeCommands() ?? []),
      ...done.flatMap((each) => each.commands),
    ];
    try {
      if (leads) await record.commit(commands, stage, text, ended ? this.streamEnds() : undefined);
      else if (commands.length > 0) await record.change(commands);
    } catch (cause) {
      throw this.setup.failed(cause, `committing lane ${this.name}`);
    }
    for (const { reader, below } of done) reader.acknowledged(below);
  }

  private streamEnds(): StreamEnds {
    const read = this.streams.map(({ key, readUpTo }) => [key, readUpTo] as const);
    return Object.fromEntries(read.filter((each): each is [string, StreamEnd] => each[1] !== undefined));
  }

  release(): Promise<void> {
    return this.setup.released(this);
  }
}
