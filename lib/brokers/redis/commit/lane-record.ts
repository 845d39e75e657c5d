import { randomUUID } from 'node:crypto';
import type { LaneStage } from '../../partitions/lane-stage.js';
import { RedisClientError, type RedisCommand } from '../client/redis-client.js';
import { type KeyType, laneTaken, otherSource, wrongType } from '../client/redis-errors.js';
import type { SteadyClient } from '../client/steady-client.js';
import type { StreamEnds } from './stream-ends.js';

export interface RecordSetup {
  /** The lane's own connection: the keys that a transaction watches belong to its connection. */
  readonly client: SteadyClient;
  readonly group: string;
  readonly lane: string;
  /** Unique for every process and run. */
  readonly token: string;
  /** The keys that are written to, and their types: a command that fails in a transaction does not undo the others. */
  readonly written: ReadonlyMap<string, KeyType>;
  /** The keys that the lane reads, by class: its progress refers to them. */
  readonly sources: Readonly<Record<string, string>>;
}

/** The hash in which a group keeps its progress: the text, the stage and the last commit of each lane. */
export function progressKey(group: string): string {
  return `watermill:${group}`;
}

/** The key that contains the process which owns a lane. */
export function ownerKey(group: string, lane: string): string {
  return `watermill:${group}:owner:${lane}`;
}

/**
 * The progress of a lane. Only its owner changes it: the process that took it last. Everything that a commit changes,
 * including results and acknowledgements, is one transaction, which the server drops if another process has taken the
 * lane.
 */
export class LaneRecord {
  text: string | undefined;
  stage: LaneStage = 'open';
  /** Called when another process turns out to have taken the lane. */
  onTaken: () => void = () => {};
  /** Unique each time that a process takes the lane, even the same process. */
  private readonly id = randomUUID();
  private commits = 0;
  private last: Promise<void> = Promise.resolve();
  /** The sources kept with the text. */
  private keptSources: string | undefined;
  private readonly hash: string;
  private readonly owner: string;

  private constructor(private readonly setup: RecordSetup) {
    this.hash = progressKey(setup.group);
    this.owner = ownerKey(setup.group, setup.lane);
  }

  get group(): string {
    return this.setup.group;
  }

  /** Takes the lane: from here on the previous owner cannot commit. */
  static async take(setup: RecordSetup): Promise<LaneRecord> {
    const record = new LaneRecord(setup);
    const { lane, token, client } = setup;
    await client.send(['SET', record.owner, token]);
    const fields = [lane, `${lane}:stage`, record.sourcesField];
    const [text, stage, sources] = await client.send(['HMGET', record.hash, ...fields]);
    record.text = text ?? undefined;
    record.stage = stage ?? 'open';
    record.keptSources = sources ?? undefined;
    return record;
  }

  /** Throws if the commit refers to other keys than the input of this name reads now. */
  checkSource(name: string): void {
    const { text, keptSources, setup, hash, sourcesField } = this;
    if (text === undefined || keptSources === undefined) return;
    const before = new Map<string, string>(Object.entries(JSON.parse(keptSources))).get(name);
    const key = setup.sources[name] as string;
    if (before !== undefined && before !== key) {
      throw otherSource({ ...setup, name, key, before, undo: `HDEL ${hash} ${sourcesField}` });
    }
  }

  /** Commits a text, or only a stage, together with the commands, atomically. */
  async commit(
    commands: readonly RedisCommand[],
    stage: LaneStage,
    text = this.text,
    ends?: StreamEnds,
  ): Promise<void> {
    const { lane } = this.setup;
    const sources = JSON.stringify(this.setup.sources);
    const fields = [`${lane}:stage`, stage, ...(text === undefined ? [] : [lane, text])];
    if (sources !== this.keptSources) fields.push(this.sourcesField, sources);
    if (ends !== undefined) fields.push(this.endsField, JSON.stringify(ends));
    await this.transact(commands, fields);
    this.text = text;
    this.stage = stage;
    this.keptSources = sources;
  }

  /** How far the lane had read its streams when it ended. */
  async streamEnds(): Promise<StreamEnds> {
    return JSON.parse((await this.field(this.endsField)) ?? '{}');
  }

  /** Drops the commit, with its tables. */
  async forget(starts: readonly string[]): Promise<void> {
    const { lane } = this.setup;
    const hashes: string[] = JSON.parse((await this.field(this.tablesField)) ?? '[]');
    const fields = [lane, `${lane}:stage`, this.tablesField, this.sourcesField, this.endsField];
    const commands = [['HDEL', this.hash, ...fields, ...starts]];
    await this.transact(hashes.length === 0 ? commands : [...commands, ['UNLINK', ...hashes]], []);
    this.text = undefined;
    this.stage = 'open';
    this.keptSources = undefined;
  }

  /** Starts with empty tables in these hashes. Their names are kept, so that a plan without tables can drop them. */
  beginTables(hashes: readonly string[]): Promise<void> {
    return this.change([['UNLINK', ...hashes], this.setField(this.tablesField, JSON.stringify(hashes))]);
  }

  /** Runs commands in a transaction of the owner, without changing text or stage. */
  change(commands: readonly RedisCommand[]): Promise<void> {
    return this.transact(commands, []);
  }

  field(name: string): Promise<string | null> {
    return this.setup.client.send(['HGET', this.hash, name]);
  }

  setField(name: string, value: string): RedisCommand {
    return ['HSET', this.hash, name, value];
  }

  dropField(name: string): RedisCommand {
    return ['HDEL', this.hash, name];
  }

  /** Removes the progress of a lane whose run is never continued. */
  async remove(): Promise<void> {
    await this.setup.client.send(['DEL', this.hash, this.owner]);
  }

  /** Releases the lane, unless another process owns it by now. */
  async release(): Promise<void> {
    const script = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";
    await this.setup.client.send(['EVAL', script, '1', this.owner, this.setup.token]);
  }

  /** Throws if another process has taken the lane. */
  async confirm(): Promise<void> {
    if ((await this.setup.client.send(['GET', this.owner])) !== this.setup.token) throw this.taken();
  }

  /** The error for an operation of the owner after the lane was lost. */
  taken(): Error {
    this.onTaken();
    return laneTaken(this.setup.group, this.setup.lane);
  }

  private get endsField(): string {
    return `${this.setup.lane}:ends`;
  }

  private get sourcesField(): string {
    return `${this.setup.lane}:sources`;
  }

  private get tablesField(): string {
    return `${this.setup.lane}:tables`;
  }

  /** Runs transactions one at a time: the keys that they watch belong to the connection. */
  private transact(commands: readonly RedisCommand[], fields: readonly string[]): Promise<void> {
    const done = this.last.then(() => this.attempt(commands, fields));
    this.last = done.catch(() => {});
    return done;
  }

  /** If the connection breaks, the stored number tells whether the transaction took place. */
  private async attempt(commands: readonly RedisCommand[], fields: readonly string[]): Promise<void> {
    const { client, lane, token, written } = this.setup;
    const id = `${this.id} ${++this.commits}`;
    const number = `${lane}:commit`;
    await client.run(async (connection) => {
      const typed = [...written];
      const [, owner, done, ...types] = await Promise.all([
        connection.send(['WATCH', this.owner]),
        connection.send(['GET', this.owner]),
        connection.send(['HGET', this.hash, number]),
        ...typed.map(([key]) => connection.send(['TYPE', key])),
      ]);
      if (owner !== token) throw this.taken();
      if (done === id) return;
      for (const [i, [key, type]] of typed.entries()) {
        if (types[i] !== 'none' && types[i] !== type) throw wrongType(key, type, types[i]);
      }
      const all = [['MULTI'], ...commands, ['HSET', this.hash, number, id, ...fields]];
      const queued = all.map((command) => connection.send(command));
      const settled = Promise.allSettled(queued);
      const replies = await connection.send(['EXEC']).catch(async (error) => {
        const refused = (await settled).find((each) => each.status === 'rejected');
        throw refused === undefined ? error : refused.reason;
      });
      if (replies === null) throw this.taken();
      const failed = (replies as unknown[]).find((reply) => reply instanceof Error);
      if (failed !== undefined) throw new RedisClientError('refused', failed);
    });
  }
}
