import type { Json } from '../../base/json.js';
import type { BrokerLane, Connection, LaneName, LaneWriter, StreamReader } from '../broker.js';
import { LaneStream } from '../lane-stream.js';
import type { ConnectionSetup, RedisInput } from './connection-setup.js';
import { endWithoutRecord, endWithRecord, type LaneEnd, notEnded, sharedEndField } from './lane-end.js';
import { LaneRecord } from './lane-record.js';
import { openStream, resolveStarts, type StreamStarts, startField } from './open-stream.js';
import { Ownership } from './ownership.js';
import { redisFailed } from './redis-errors.js';
import { RedisLane } from './redis-lane.js';
import { RedisWriter } from './redis-writer.js';
import type { SteadyClient } from './steady-client.js';

/** One run on Redis, and the lanes that are its own. */
export class RedisConnection implements Connection {
  private readonly stream = new LaneStream<RedisLane>();
  /** The lanes in use, and those on their way to be. */
  private readonly lanesInUse = new Map<number, RedisLane | 'opening'>();
  private readonly ended = new Set<number>();
  private readonly clients = new Set<SteadyClient>();
  private readonly writers = new Set<RedisWriter>();
  private readonly ownership: Ownership | undefined;
  private starts: Promise<StreamStarts> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly setup: ConnectionSetup) {
    const { request, settings, inputs, client, token } = setup;
    if (request.signal.aborted) this.stream.end();
    request.signal.addEventListener('abort', () => this.stream.end(), { once: true });
    if (settings.group === undefined || inputs.length === 0) return;
    this.ownership = new Ownership({
      client,
      request,
      group: settings.group,
      token,
      lanes: this.names.map(String),
      free: (lanes) => this.openLanes(lanes.map(Number)),
      taken: (lanes) => this.lose(lanes.map(Number)),
      ended: () => {
        if (this.lanesInUse.size === 0) this.stream.end();
      },
      failed: (error) => this.fail(error, `looking after the lanes of the group ${settings.group}`),
    });
  }

  get laneCount(): number {
    return this.setup.lanes;
  }

  lanes(): AsyncIterable<BrokerLane> | Iterable<BrokerLane> {
    if (this.setup.inputs.length === 0) return [];
    if (this.starts === undefined) {
      this.starts = resolveStarts(this.setup);
      this.starts
        .then(() => this.ownership?.start())
        .then(
          () => this.openLanes(this.names),
          (error) => this.fail(error, 'finding where the streams begin'),
        );
    }
    return this.stream;
  }

  async openWriter(name: LaneName, mark: Json | undefined): Promise<LaneWriter> {
    const { inputs } = this.setup;
    if (inputs.length === 0) return this.writerForOther(name, mark);
    const lane = this.lanesInUse.get(Number(name)) as RedisLane;
    const { record } = lane.setup;
    const { group } = this.setup.settings;
    const client = lane.client;
    lane.writer = this.makeWriter(name, client, (end) =>
      record === undefined || group === undefined
        ? endWithoutRecord(end, name, client)
        : endWithRecord(end, record, group, client),
    );
    return lane.writer;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private get names(): readonly number[] {
    return Array.from({ length: this.setup.lanes }, (_, lane) => lane);
  }

  private async writerForOther(name: LaneName, mark: Json | undefined): Promise<LaneWriter> {
    const client = this.newClient();
    if (mark === undefined) await notEnded(this.endOf(name).shared, name, client);
    return this.makeWriter(name, client, (end) => endWithoutRecord(end, name, client));
  }

  private makeWriter(name: LaneName, client: SteadyClient, publish: (end: LaneEnd) => Promise<void>): RedisWriter {
    const { outputs, settings } = this.setup;
    const failed = (cause: unknown, what: string) => redisFailed(cause, what, settings.address);
    const end = this.endOf(name);
    const writer = new RedisWriter({
      targets: outputs.map(({ keys, form }) => ({ key: keys[keys.length === 1 ? 0 : Number(name)] as string, form })),
      isTransactional: settings.exactlyOnce,
      send: (commands) => client.run((connection) => Promise.all(commands.map((command) => connection.send(command)))),
      publish: () =>
        publish(end).catch((cause) => {
          throw failed(cause, 'writing the end marks');
        }),
      failed,
    });
    this.writers.add(writer);
    return writer;
  }

  private endOf(name: LaneName): LaneEnd {
    const { outputs, lanes } = this.setup;
    const isOwn = ({ keys }: { readonly keys: readonly string[] }) => lanes === 1 || keys.length > 1;
    const targetOf = ({ keys, form }: (typeof outputs)[number]) => ({
      key: keys[keys.length === 1 ? 0 : Number(name)] as string,
      form,
    });
    return {
      own: outputs.filter(isOwn).map(targetOf),
      shared: outputs.filter((output) => !isOwn(output)).map(targetOf),
      lanes,
    };
  }

  private openLanes(lanes: readonly number[]): void {
    for (const index of lanes) {
      if (this.lanesInUse.has(index) || this.ended.has(index) || this.closing !== undefined) continue;
      this.lanesInUse.set(index, 'opening');
      this.openLane(index).then(
        (lane) => {
          this.lanesInUse.set(index, lane);
          this.stream.push(lane);
        },
        (error) => this.fail(error, `opening lane ${index}`),
      );
    }
  }

  private async openLane(index: number): Promise<RedisLane> {
    const { settings, inputs, outputs, lanes, token } = this.setup;
    const { group, address } = settings;
    const name = String(index);
    const client = this.newClient();
    const end = this.endOf(name);
    const written = new Map([...end.own, ...end.shared].map(({ key, form }) => [key, form.type] as const));
    const record =
      group === undefined ? undefined : await LaneRecord.take({ client, group, lane: name, token, written });
    const starts = (await this.starts) as StreamStarts;
    const keyOf = ({ place }: RedisInput) => place.keys[place.kind === 'stream' ? index : 0] as string;
    const keys = [...new Set(inputs.map(keyOf))];
    return new RedisLane({
      name,
      label: lanes === 1 ? undefined : `lane ${name} (${keys.join(', ')})`,
      client,
      record,
      hasOutputs: outputs.length > 0,
      openReader: (input, mark) =>
        this.openReader(inputs[input] as RedisInput, keyOf(inputs[input] as RedisInput), mark, starts),
      restart: async () => {
        await record?.forget([...keys.map(startField), sharedEndField]);
      },
      failed: (cause, what) => redisFailed(cause, what, address),
      released: (lane) => this.released(lane),
    });
  }

  private async openReader(
    input: RedisInput,
    key: string,
    mark: Json | undefined,
    starts: StreamStarts,
  ): Promise<StreamReader> {
    const { place } = input;
    if (place.kind === 'stream')
      return openStream({ ...this.setup, steady: () => this.newClient() }, { ...input, place }, key, mark, starts);
    throw new Error(`${place.kind} cannot be read yet`);
  }

  private lose(lanes: readonly number[]): void {
    for (const index of lanes) {
      const lane = this.lanesInUse.get(index);
      if (lane instanceof RedisLane) lane.lose();
    }
  }

  private async released(lane: RedisLane): Promise<void> {
    const index = Number(lane.name);
    const { record } = lane.setup;
    if (this.lanesInUse.get(index) !== lane) return;
    if (!lane.revoked.aborted) await record?.release().catch(() => {});
    lane.client.close();
    this.clients.delete(lane.client);
    this.lanesInUse.delete(index);
    if (record === undefined || record.stage === 'ended') this.ended.add(index);
    if (this.ended.size === this.setup.lanes) this.stream.end();
  }

  private newClient(): SteadyClient {
    const client = this.setup.steady();
    this.clients.add(client);
    return client;
  }

  private fail(error: unknown, what: string): void {
    this.stream.fail(redisFailed(error, what, this.setup.settings.address));
  }

  private async shut(): Promise<void> {
    this.stream.end();
    await Promise.all([...this.writers].map((writer) => writer.close()));
    await this.ownership?.close();
    for (const lane of this.lanesInUse.values()) if (lane instanceof RedisLane) await this.released(lane);
    for (const client of this.clients) client.close();
    this.setup.client.close();
  }
}
