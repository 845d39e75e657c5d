import { closeAll, inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import type { BrokerLane, Connection, LaneName, LaneWriter } from '../broker.js';
import { LaneStream } from '../partitions/lane-stream.js';
import { redisFailed } from './client/redis-errors.js';
import type { SteadyClient } from './client/steady-client.js';
import { type RedisTarget, RedisWriter } from './commit/redis-writer.js';
import { endWithoutRecord, endWithRecord, type LaneEnd, notEnded } from './lanes/lane-end.js';
import { keyFor, LaneMaker } from './lanes/lane-maker.js';
import { Ownership } from './lanes/ownership.js';
import { RedisLane } from './lanes/redis-lane.js';
import type { ConnectionSetup } from './reading/connection-setup.js';
import { keyFailure } from './reading/key-failure.js';

/** How long releasing the lanes may take when a run ends, in milliseconds of the mill's clock. */
const closesWithinMs = 10_000;

/** One run on Redis, with the lanes that it owns. */
export class RedisConnection implements Connection {
  private readonly stream = new LaneStream<RedisLane>();
  /** The lanes in use, and those that are being opened. */
  private readonly lanesInUse = new Map<number, RedisLane | 'opening'>();
  private readonly ended = new Set<number>();
  private readonly clients = new Set<SteadyClient>();
  private readonly writers = new Set<RedisWriter>();
  private readonly ownership: Ownership | undefined;
  private readonly maker: LaneMaker;
  private isListing = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly setup: ConnectionSetup) {
    const { request, inputs, client, token, progress } = setup;
    if (request.signal.aborted) this.stream.end();
    request.signal.addEventListener('abort', () => this.stream.end(), { once: true });
    this.maker = new LaneMaker(
      setup,
      () => this.newClient(),
      (lane) => this.released(lane),
    );
    if (progress === undefined || progress.isOfThisRun || inputs.length === 0) return;
    this.ownership = new Ownership({
      client,
      request,
      group: progress.group,
      token,
      lanes: setup.lanes,
      take: (lanes) => this.openLanes(lanes),
      taken: (lanes) => this.lose(lanes),
      ended: () => {
        if (this.lanesInUse.size === 0) this.stream.end();
      },
      failed: (error) => this.fail(error, `looking after the lanes of the group ${progress.group}`),
    });
  }

  get laneCount(): number {
    return this.setup.lanes;
  }

  lanes(): AsyncIterable<BrokerLane> | Iterable<BrokerLane> {
    if (this.setup.inputs.length === 0) return [];
    if (!this.isListing) {
      this.isListing = true;
      this.begin().catch((error) => this.fail(error, 'opening the lanes'));
    }
    return this.stream;
  }

  async openWriter(name: LaneName, mark: Json | undefined): Promise<LaneWriter> {
    const { leads, progress } = this.setup;
    const lane = leads ? (this.lanesInUse.get(Number(name)) as RedisLane) : undefined;
    const client = lane?.client ?? this.newClient();
    const end = this.endOf(name);
    if (lane === undefined && mark === undefined) await notEnded(end.shared, name, client);
    const record = lane?.setup.record;
    const publish = (): Promise<void> =>
      record === undefined || progress === undefined
        ? endWithoutRecord(end, name, client)
        : endWithRecord(end, record, progress, client);
    const writer = this.makeWriter(name, client, publish);
    if (lane !== undefined) lane.writer = writer;
    return writer;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private get names(): readonly number[] {
    return Array.from({ length: this.setup.lanes }, (_, lane) => lane);
  }

  private async begin(): Promise<void> {
    await this.maker.prepare();
    if (this.ownership !== undefined) await this.ownership.start();
    else this.openLanes(this.names);
  }

  private makeWriter(name: LaneName, client: SteadyClient, publish: () => Promise<void>): RedisWriter {
    const { outputs, settings } = this.setup;
    const writer: RedisWriter = new RedisWriter({
      targets: outputs.map((output) => targetOf(output, name)),
      isTransactional: settings.exactlyOnce,
      send: (commands) => client.run((connection) => Promise.all(commands.map((command) => connection.send(command)))),
      publish: () =>
        publish().catch((cause) => {
          throw redisFailed(cause, 'writing the end marks', settings.address);
        }),
      failed: (cause, what, { key, form }) => keyFailure(cause, this.setup, [key], form.type, what),
      closed: () => this.writers.delete(writer),
    });
    this.writers.add(writer);
    return writer;
  }

  private endOf(name: LaneName): LaneEnd {
    const { outputs, writingLanes: lanes } = this.setup;
    const isOwn = ({ keys }: { readonly keys: readonly string[] }) => lanes === 1 || keys.length > 1;
    return {
      own: outputs.filter(isOwn).map((output) => targetOf(output, name)),
      shared: outputs.filter((output) => !isOwn(output)).map((output) => targetOf(output, name)),
      lanes,
    };
  }

  private openLanes(lanes: readonly number[]): void {
    for (const index of lanes) {
      if (this.lanesInUse.has(index) || this.ended.has(index) || this.closing !== undefined) continue;
      this.lanesInUse.set(index, 'opening');
      this.maker.make(index).then(
        (lane) => {
          this.lanesInUse.set(index, lane);
          this.stream.push(lane);
        },
        (error) => this.fail(error, `opening lane ${index}`),
      );
    }
  }

  private lose(lanes: readonly number[]): void {
    for (const index of lanes) {
      const lane = this.lanesInUse.get(index);
      if (lane instanceof RedisLane) lane.lose();
    }
  }

  private async released(lane: RedisLane): Promise<void> {
    const index = Number(lane.name);
    const { record, client } = lane.setup;
    if (this.lanesInUse.get(index) !== lane) return;
    this.lanesInUse.delete(index);
    // A lane that cannot be released goes to another process once this one counts as dead.
    await this.maker.tidy(lane).catch(() => {});
    client.close();
    this.clients.delete(client);
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

  /** What is left is only tidied up: a server that hangs is not waited for. */
  private async shut(): Promise<void> {
    this.stream.end();
    const cancel = this.setup.request.clock.setTimer(closesWithinMs, () => this.closeClients());
    try {
      await inTurn(
        () => closeAll(this.writers),
        () => this.ownership?.close(),
        // Including those that were opened in the meantime.
        () => this.closeLanes([...this.lanesInUse.values()].filter((lane) => lane instanceof RedisLane)),
      );
    } finally {
      cancel();
      this.closeClients();
    }
  }

  private closeClients(): void {
    for (const client of this.clients) client.close();
    this.setup.client.close();
  }

  private closeLanes(lanes: readonly RedisLane[]): Promise<void> {
    return inTurn(
      () => closeAll(lanes.flatMap(({ acking }) => acking.map(({ reader }) => reader))),
      ...lanes.map((lane) => () => this.released(lane)),
    );
  }
}

function targetOf({ keys, form }: ConnectionSetup['outputs'][number], lane: LaneName): RedisTarget {
  return { key: keyFor(keys, lane), form };
}
