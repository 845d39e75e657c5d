import type { Key } from '../../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../../expressions/key-json.js';
import type { KeptChange, KeptTables, TakeChange } from '../../kept-tables.js';
import type { RedisCommand } from '../client/redis-client.js';
import type { SteadyClient } from '../client/steady-client.js';
import type { LaneRecord } from './lane-record.js';

/** The number of keys read or changed per command. */
const keysPerCommand = 500;

/**
 * The hash of a table of a lane: from keys to elements, both as JSON. A lane may have the name of a stream, with colons,
 * so the table has none.
 */
export function tableHash(group: string, table: string, lane: string): string {
  return `watermill:${group}:table:${table.replaceAll('%', '%25').replaceAll(':', '%3A')}:${lane}`;
}

export interface TablesSetup {
  readonly client: SteadyClient;
  readonly record: LaneRecord;
  /** By table, as in the request. */
  readonly hashes: readonly string[];
  /** Converts a failure of the client. */
  readonly failed: (cause: unknown) => Error;
}

/**
 * The tables of a lane, one hash each. They are changed in the transaction of the lane's progress, whatever the
 * guarantee of the results: so the owner of the lane finds exactly the changes up to the positions.
 */
export class RedisTables implements KeptTables {
  readonly keeps = 'texts';
  private commands: RedisCommand[] = [];

  private constructor(private readonly setup: TablesSetup) {}

  get id(): string {
    return `redis ${this.setup.hashes.join(' ')}`;
  }

  static async open(setup: TablesSetup, isNew: boolean): Promise<RedisTables> {
    const { record, hashes, failed } = setup;
    try {
      if (isNew) await record.beginTables(hashes);
      return new RedisTables(setup);
    } catch (cause) {
      throw failed(cause);
    }
  }

  async read(table: number, take: TakeChange, left?: (changes: number) => void): Promise<void> {
    const { client, hashes, failed } = this.setup;
    const hash = hashes[table] as string;
    try {
      // A cursor is invalid after a restart of the server, so an interrupted scan starts over.
      await client.run(async (connection) => {
        let cursor = '0';
        let fields: number = await connection.send(['HLEN', hash]);
        do {
          left?.(Math.max(0, fields));
          const [next, words] = await connection.send(['HSCAN', hash, cursor, 'COUNT', String(keysPerCommand)]);
          for (let i = 0; i < words.length; i += 2) {
            const pressure = take({ key: keyFromJson(JSON.parse(words[i])) as Key, value: words[i + 1] });
            if (pressure !== undefined) await pressure;
          }
          cursor = next;
          fields -= words.length / 2;
        } while (cursor !== '0');
      });
    } catch (cause) {
      throw failed(cause);
    }
  }

  /** Another process that has taken the lane in the meantime may have made further changes. */
  async restored(): Promise<void> {
    const { record, failed } = this.setup;
    await record.change([]).catch((cause) => {
      throw failed(cause);
    });
  }

  write(table: number, changes: readonly KeptChange[]): void {
    const hash = this.setup.hashes[table] as string;
    for (let from = 0; from < changes.length; from += keysPerCommand) {
      const put: string[] = [];
      const deleted: string[] = [];
      for (const { key, value } of changes.slice(from, from + keysPerCommand)) {
        const field = JSON.stringify(keyToJson(key));
        if (value === undefined) deleted.push(field);
        else put.push(field, value as string);
      }
      if (put.length > 0) this.commands.push(['HSET', hash, ...put]);
      if (deleted.length > 0) this.commands.push(['HDEL', hash, ...deleted]);
    }
  }

  async flush(): Promise<undefined> {}

  /** The changes, as commands of the lane's next transaction. The caller owns them from here on. */
  takeCommands(): RedisCommand[] {
    const { commands } = this;
    this.commands = [];
    return commands;
  }

  async close(): Promise<void> {}
}
