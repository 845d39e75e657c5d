import { isRefusal, type RedisClient, type RedisCommand } from '../client/redis-client.js';
import type { SteadyClient } from '../client/steady-client.js';
import { ownerKey } from '../commit/lane-record.js';
import { isEndMark } from '../entries/end-mark.js';
import { compareIds, type EntryId } from '../entries/entry-id.js';
import { type Entry, withUndecodable } from '../entries/undecodable-texts.js';

/** A message that was delivered to a consumer and is not acknowledged. */
export interface PendingMessage {
  /** The index of its stream. */
  readonly list: number;
  readonly id: EntryId;
  /** The number of its deliveries. */
  readonly deliveries: number;
}

export interface ConsumerSetup {
  readonly client: SteadyClient;
  readonly keys: readonly string[];
  readonly group: string;
  readonly consumer: string;
  readonly claimAfterMs: number;
  /** Values are bytes, including those that are text. */
  readonly isBytes: boolean;
}

/** The name under which the progress of a consumer is kept, unique in its group. */
export function consumerGroup(group: string, consumer: string): string {
  return `${group}:consumer:${consumer}`;
}

/** The key that exists while a consumer is alive. */
export function aliveKey(group: string, consumer: string): string {
  return `watermill:${consumerGroup(group, consumer)}:alive`;
}

const pageSize = 1_000;

/**
 * KEYS: the stream, the liveness key of a consumer, and the key of the owner of its lane. ARGV: the group, that
 * consumer, the claiming consumer, how long a message must have been idle, and the maximum number. A consumer whose
 * messages are claimed cannot commit any more.
 */
const claimScript = `if redis.call('EXISTS', KEYS[2]) == 1 then return {} end
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], '-', '+', ARGV[5], ARGV[2])
local claimed = {}
for _, message in ipairs(pending) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, message[1], 'JUSTID')
  claimed[#claimed + 1] = message[1]
  claimed[#claimed + 1] = tostring(message[4])
end
if #claimed > 0 then redis.call('SET', KEYS[3], 'claimed by ' .. ARGV[3]) end
return claimed`;

/**
 * KEYS: the stream and the liveness key of a consumer. ARGV: the group and that consumer, which is removed if it has no
 * messages.
 */
const removeScript = `if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** One consumer of a group, on one or several streams. */
export class GroupConsumer {
  /** A request for messages was interrupted: some may have been delivered to this consumer without arriving. */
  mayHaveMissed = false;

  constructor(private readonly setup: ConsumerSetup) {}

  get client(): SteadyClient {
    return this.setup.client;
  }

  /** Creates the group if it does not exist, from the beginning of each stream. */
  async join(): Promise<void> {
    const { client, keys, group } = this.setup;
    for (const key of keys) {
      await client.send(['XGROUP', 'CREATE', key, group, '0', 'MKSTREAM']).catch((error) => {
        if (!isRefusal(error, 'BUSYGROUP')) throw error;
      });
    }
    await this.sendHeartbeat();
  }

  async sendHeartbeat(): Promise<void> {
    const { client, group, consumer, claimAfterMs } = this.setup;
    await client.send(['SET', aliveKey(group, consumer), '1', 'PX', String(claimAfterMs)]);
  }

  /** All messages of this consumer that are not acknowledged, stream by stream, in the order of their ids. */
  async pending(): Promise<PendingMessage[]> {
    const { client, keys, group, consumer } = this.setup;
    const found: PendingMessage[] = [];
    for (const [list, key] of keys.entries()) {
      for (let from = '-'; ; ) {
        const page = await client.send(['XPENDING', key, group, from, '+', String(pageSize), consumer]);
        for (const [id, , , deliveries] of page) found.push({ list, id, deliveries });
        if (page.length < pageSize) break;
        from = `(${page.at(-1)[0]}`;
      }
    }
    return found;
  }

  /** Fetches new messages, by stream, without waiting. */
  async fetch(count: number): Promise<readonly { readonly list: number; readonly entries: readonly Entry[] }[]> {
    const { keys, group, consumer, client } = this.setup;
    const words = [
      'XREADGROUP',
      'GROUP',
      group,
      consumer,
      'COUNT',
      String(count),
      'STREAMS',
      ...keys,
      ...keys.map(() => '>'),
    ];
    let attempts = 0;
    return client.run(async (connection) => {
      if (++attempts > 1) this.mayHaveMissed = true;
      const reply = await this.asked(connection, words);
      const found = (reply ?? []).map(async ([key, entries]: [unknown, unknown[]]) => ({
        list: keys.indexOf(String(key)),
        entries: await this.entriesOf(connection, String(key), entries),
      }));
      return Promise.all(found);
    });
  }

  /**
   * Delivers a message of this consumer again, which the server counts; undefined if it was deleted in the meantime.
   */
  async deliver({ list, id }: PendingMessage): Promise<Entry | undefined> {
    const { keys, group, consumer, client } = this.setup;
    const key = keys[list] as string;
    return client.run(async (connection) => {
      const reply = await this.asked(connection, ['XCLAIM', key, group, consumer, '0', id]);
      const [entry] = await this.entriesOf(
        connection,
        key,
        reply.filter((each: unknown) => each !== null),
      );
      return entry;
    });
  }

  /** Reads a message without delivering it. */
  async look({ list, id }: PendingMessage): Promise<Entry | undefined> {
    const key = this.setup.keys[list] as string;
    return this.setup.client.run(async (connection) => {
      const reply = await this.asked(connection, ['XRANGE', key, id, id]);
      return (await this.entriesOf(connection, key, reply))[0];
    });
  }

  acknowledgement(messages: readonly { readonly list: number; readonly id: EntryId }[]): RedisCommand[] {
    const { keys, group } = this.setup;
    return keys.flatMap((key, list) => {
      const ids = messages.filter((message) => message.list === list).map(({ id }) => id);
      return ids.length === 0 ? [] : [['XACK', key, group, ...ids]];
    });
  }

  async acknowledge(messages: readonly PendingMessage[]): Promise<void> {
    for (const command of this.acknowledgement(messages)) await this.setup.client.send(command);
  }

  /** Claims the messages of dead consumers, and removes those without messages. */
  async claim(): Promise<PendingMessage[]> {
    const { keys, group, consumer, claimAfterMs, client } = this.setup;
    const claimed: PendingMessage[] = [];
    for (const [list, key] of keys.entries()) {
      for (const { name, pending, idle } of await this.others(key)) {
        if (pending === 0) {
          const words = ['EVAL', removeScript, '2', key, aliveKey(group, name), group, name];
          if (idle > claimAfterMs) await client.send(words);
          continue;
        }
        const places = [key, aliveKey(group, name), ownerKey(consumerGroup(group, name), '0')];
        const words = [group, name, consumer, String(claimAfterMs), String(pageSize)];
        const reply: string[] = await client.send(['EVAL', claimScript, '3', ...places, ...words]);
        for (let i = 0; i < reply.length; i += 2)
          claimed.push({ list, id: reply[i]!, deliveries: Number(reply[i + 1]) });
      }
    }
    return claimed;
  }

  /** The id of the last message that was delivered to any consumer, by stream. */
  async lastDelivered(): Promise<EntryId[]> {
    const { client, keys, group } = this.setup;
    return Promise.all(
      keys.map(async (key) => {
        const groups: unknown[][] = await client.send(['XINFO', 'GROUPS', key]);
        const fields = groups.map(pairs).find((each) => each.get('name') === group);
        return fields?.get('last-delivered-id') ?? '0-0';
      }),
    );
  }

  /** The first stream that does not have the group. */
  async missingGroup(): Promise<string | undefined> {
    const { client, keys, group } = this.setup;
    for (const key of keys) {
      const groups: unknown[][] = await client.send(['XINFO', 'GROUPS', key]).catch((error) => {
        if (isRefusal(error, 'ERR')) return [];
        throw error;
      });
      if (groups.every((words) => pairs(words).get('name') !== group)) return key;
    }
    return undefined;
  }

  /** Returns whether every stream has ended, all messages were delivered, and none is pending for another consumer. */
  async isOver(): Promise<boolean> {
    const { client, keys, group, consumer } = this.setup;
    const delivered = await this.lastDelivered();
    for (const [list, key] of keys.entries()) {
      const [last]: Entry[] = await client.send(['XREVRANGE', key, '+', '-', 'COUNT', '1']);
      if (last === undefined || !isEndMark(last[1]) || compareIds(delivered[list] as string, last[0]) < 0) return false;
      const [, , , consumers] = await client.send(['XPENDING', key, group]);
      if (consumers?.some(([name]: [string]) => name !== consumer)) return false;
    }
    return true;
  }

  /** Removes this consumer if it has no messages; otherwise others may claim them. */
  async leave(): Promise<void> {
    const { client, keys, group, consumer } = this.setup;
    const alive = aliveKey(group, consumer);
    await client.send(['DEL', alive]);
    for (const key of keys) await client.send(['EVAL', removeScript, '2', key, alive, group, consumer]);
  }

  private async others(key: string): Promise<{ name: string; pending: number; idle: number }[]> {
    const { client, group, consumer } = this.setup;
    const found: unknown[][] = await client.send(['XINFO', 'CONSUMERS', key, group]);
    return found
      .map(pairs)
      .map((fields) => ({ name: fields.get('name'), pending: fields.get('pending'), idle: fields.get('idle') }))
      .filter(({ name }) => name !== consumer);
  }

  private asked(connection: RedisClient, words: RedisCommand): Promise<any> {
    return this.setup.isBytes ? connection.sendForBytes(words) : connection.send(words);
  }

  private async entriesOf(connection: RedisClient, key: string, found: any[]): Promise<readonly Entry[]> {
    // Deleted entries have no fields.
    const entries: Entry[] = found.filter(([, fields]) => fields !== null).map(([id, fields]) => [String(id), fields]);
    return this.setup.isBytes ? entries : withUndecodable(connection, key, entries);
  }
}

function pairs(words: readonly unknown[]): Map<unknown, any> {
  const found = new Map<unknown, any>();
  for (let i = 0; i < words.length; i += 2) found.set(words[i], words[i + 1]);
  return found;
}
