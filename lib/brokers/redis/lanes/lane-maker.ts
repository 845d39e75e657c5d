import type { Json } from '../../../base/json.js';
import { schemaOf } from '../../../messages/index.js';
import type { LaneName, StreamReader } from '../../broker.js';
import { redisFailed, streamRecreated } from '../client/redis-errors.js';
import type { SteadyClient } from '../client/steady-client.js';
import { LaneRecord } from '../commit/lane-record.js';
import { tableHash } from '../commit/redis-tables.js';
import type { AckingReader } from '../reading/acking-reader.js';
import { changedKeys } from '../reading/changed-keys.js';
import type { ConnectionSetup, RedisInput } from '../reading/connection-setup.js';
import type { ListTaking } from '../reading/list-taking.js';
import { openGroup } from '../reading/open-group.js';
import { openList } from '../reading/open-list.js';
import { openStream, resolveStarts, type StreamStarts, startField } from '../reading/open-stream.js';
import { recreation, streamInfo } from '../reading/stream-info.js';
import { sharedEndField } from './lane-end.js';
import { RedisLane } from './redis-lane.js';

/** Makes the lanes of a connection, and opens their readers. */
export class LaneMaker {
  private starts: Promise<StreamStarts> | undefined;
  private readonly lists = new Map<RedisLane, ListTaking[]>();

  constructor(
    private readonly setup: ConnectionSetup,
    private readonly newClient: () => SteadyClient,
    private readonly released: (lane: RedisLane) => Promise<void>,
  ) {}

  /** Resolves the start of streams that are read from their end. */
  async prepare(): Promise<void> {
    this.starts ??= resolveStarts(this.setup);
    await this.starts;
  }

  /** The previous owner of the lane is fenced first: only then its last commit is final. */
  async make(index: number): Promise<RedisLane> {
    const { settings, inputs, outputs, lanes, token, progress, leads, request } = this.setup;
    const name = String(index);
    const client = this.newClient();
    const keepsTables = leads && progress?.isOfThisRun === false;
    const tables = keepsTables
      ? (request.tables ?? []).map((table) => tableHash(progress.group, table.name, name))
      : undefined;
    const written = new Map([
      ...outputs.map(({ keys, form }) => [keyFor(keys, name), form.type] as const),
      ...(tables ?? []).map((hash) => [hash, 'hash'] as const),
      ...changedKeys(this.setup),
    ]);
    const record =
      progress &&
      (await LaneRecord.take({
        client,
        group: progress.group,
        lane: name,
        token,
        written,
        sources: this.sourcesOf(name),
      }));
    const keys = [...new Set(inputs.map((input) => keyOf(input, name)))];
    const lane: RedisLane = new RedisLane({
      name,
      label: lanes === 1 ? undefined : `lane ${name} (${keys.join(', ')})`,
      client,
      record,
      tables,
      leads,
      hasOutputs: outputs.length > 0,
      openReader: (input, mark) => this.openReader(lane, input, mark),
      afterEnd: () => this.afterEnd(record, name),
      restart: async () => record?.forget([...keys.map(startField), sharedEndField]),
      failed: (cause, what) => redisFailed(cause, what, settings.address),
      released: this.released,
    });
    return lane;
  }

  /** Removes the remains of a run that is never continued, and elements after the end of a list. */
  async tidy(lane: RedisLane): Promise<void> {
    const { record } = lane.setup;
    const takings = this.lists.get(lane) ?? [];
    this.lists.delete(lane);
    if (record === undefined) return;
    const isOfThisRun = this.setup.progress?.isOfThisRun === true;
    for (const taking of takings) {
      if (isOfThisRun || record.stage === 'ended') await taking.putBack();
    }
    if (isOfThisRun) await record.remove();
    else if (!lane.revoked.aborted) await record.release();
  }

  /** A lane that had ended starts over if one of its streams was created again and is to be read then. */
  private async afterEnd(record: LaneRecord | undefined, lane: LaneName): Promise<'ended' | 'restart'> {
    const { inputs, client } = this.setup;
    const ends = (await record?.streamEnds()) ?? {};
    let decision: 'ended' | 'restart' = 'ended';
    for (const input of inputs) {
      record?.checkSource(nameOf(input));
      const key = keyOf(input, lane);
      const end = ends[key];
      if (input.place.kind !== 'stream' || end === undefined) continue;
      const recreated = recreation(await client.run((each) => streamInfo(each, key)), end.after, end.added);
      if (recreated === undefined) continue;
      if (input.place.onLost === 'fail') throw streamRecreated(key, end.after, recreated, end.position);
      decision = 'restart';
    }
    return decision;
  }

  private sourcesOf(lane: LaneName): Record<string, string> {
    return Object.fromEntries(this.setup.inputs.map((input) => [nameOf(input), keyOf(input, lane)]));
  }

  private async openReader(lane: RedisLane, index: number, mark: Json | undefined): Promise<StreamReader> {
    const input = this.setup.inputs[index] as RedisInput;
    const setup = { ...this.setup, steady: this.newClient };
    const { place } = input;
    const { record } = lane.setup;
    if (place.kind === 'stream') {
      if (mark !== undefined) record?.checkSource(nameOf(input));
      const starts = (await this.starts) as StreamStarts;
      const reader = await openStream(setup, { ...input, place }, keyOf(input, lane.name), mark, starts);
      lane.streams.push(reader);
      return reader;
    }
    if (place.kind === 'group') {
      const reader = await openGroup(setup, { ...input, place }, mark, record as LaneRecord);
      return this.acking(lane, input, reader);
    }
    const { reader, taking } = await openList(setup, { ...input, place }, mark, lane.name, record as LaneRecord);
    this.lists.set(lane, [...(this.lists.get(lane) ?? []), taking]);
    return this.acking(lane, input, reader);
  }

  /**
   * Registers a reader. It serves all nodes of its stream: elements are acknowledged when all nodes are done with them.
   */
  private acking<R extends AckingReader>(lane: RedisLane, { entry }: RedisInput, reader: R): R {
    const inputs = this.setup.inputs.flatMap((input, i) => (input.entry.id === entry.id ? [i] : []));
    lane.acking.push({ reader, inputs });
    return reader;
  }
}

const nameOf = ({ message }: RedisInput): string => schemaOf(message).name;

/** The key of a lane: its own, or the one that all lanes share. */
export function keyFor(keys: readonly string[], lane: LaneName): string {
  return keys[keys.length === 1 ? 0 : Number(lane)] as string;
}

/** Several keys of a list or a group are one stream. */
function keyOf({ place }: RedisInput, lane: LaneName): string {
  return place.kind === 'stream' ? keyFor(place.keys, lane) : place.keys.join(', ');
}
