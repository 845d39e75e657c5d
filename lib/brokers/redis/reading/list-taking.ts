import type { RedisArgument, RedisClient, RedisCommand } from '../client/redis-client.js';
import type { SteadyClient } from '../client/steady-client.js';
import { ownerKey } from '../commit/lane-record.js';
import type { ListPlace } from '../options/places.js';

/** An element that was taken, and the index of its list. */
export interface TakenElement {
  readonly element: Buffer;
  readonly list: number;
}

export interface TakingSetup {
  readonly client: SteadyClient;
  readonly place: ListPlace;
  /** The prefix of the mill's own lists; unique for this run if the mill has no group. */
  readonly group: string;
  readonly lane: string;
  readonly token: string;
  /** The error if another process has taken the lane. */
  readonly taken: () => Error;
}

/** The lists of taken elements and of the numbers of their lists, and the key of the number taken in a run. */
export function takenLists(group: string, keys: readonly string[]) {
  const own = `watermill:${group}:taken:${keys.join(' ')}`;
  return { own, from: `${own}:from`, count: `${own}:count` };
}

/** The number of elements to take at once, if no later element could be more urgent. */
const mostAtOnce = 100;

/**
 * KEYS: the owner's key, the own list, the list of the elements' list numbers, the number taken in this run, then the
 * lists. ARGV: the token, the maximum number, the end, `1` for fair turns, the first turn, `1` if nothing is kept, and
 * the number known to the process: elements that it took without getting the reply come first. Returns the list number
 * and the element, in turn; false if another process owns the lane.
 */
const takeScript = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local keeps = ARGV[6] ~= '1'
local taken = {}
local untold = keeps and tonumber(redis.call('GET', KEYS[4]) or '0') - tonumber(ARGV[7]) or 0
if untold > 0 then
  local elements = redis.call('LRANGE', KEYS[2], -untold, -1)
  local numbers = redis.call('LRANGE', KEYS[3], -untold, -1)
  for i = 1, #elements do
    taken[#taken + 1] = numbers[i]
    taken[#taken + 1] = elements[i]
  end
  return taken
end
local lists = #KEYS - 4
local inTurn = ARGV[4] == '1'
local at = inTurn and tonumber(ARGV[5]) or 0
local empty = 0
while #taken < 2 * tonumber(ARGV[2]) and empty < lists do
  local key = KEYS[5 + at]
  local element
  if keeps then element = redis.call('LMOVE', key, KEYS[2], ARGV[3], 'RIGHT')
  else element = redis.call(ARGV[3] == 'LEFT' and 'LPOP' or 'RPOP', key) end
  if element then
    if keeps then
      redis.call('RPUSH', KEYS[3], at)
      redis.call('INCR', KEYS[4])
    end
    taken[#taken + 1] = tostring(at)
    taken[#taken + 1] = element
    empty = 0
    if inTurn then at = (at + 1) % lists
    elseif at > 0 then break end
  else
    empty = empty + 1
    at = (at + 1) % lists
  end
end
return taken`;

/** Puts the elements of the own list back, each to its list, so that the next one to take is the first. */
const putBackScript = `while true do
  local element = redis.call('RPOP', KEYS[1])
  local list = redis.call('RPOP', KEYS[2])
  if not element then break end
  redis.call(ARGV[1] == 'LEFT' and 'LPUSH' or 'RPUSH', KEYS[4 + tonumber(list or '0')], element)
end
redis.call('DEL', KEYS[2], KEYS[3])`;

/**
 * Takes elements from lists: into a list of the mill's own, where they wait until their results are committed or, at
 * most once, permanently. Only the owner of the lane takes elements.
 */
export class ListTaking {
  private turn = 0;
  /** The number of elements taken in this run, without leftovers. */
  private taken = 0;
  private readonly own: string;
  private readonly from: string;
  private readonly count: string;

  constructor(private readonly setup: TakingSetup) {
    const { own, from, count } = takenLists(setup.group, setup.place.keys);
    this.own = own;
    this.from = from;
    this.count = count;
  }

  get client(): SteadyClient {
    return this.setup.client;
  }

  get keys(): readonly string[] {
    return this.setup.place.keys;
  }

  get keepsWhatItTakes(): boolean {
    return this.setup.place.delivery === 'at-least-once';
  }

  /**
   * The commands that move elements taken from other lists and not committed to this one; undefined if some belong to a
   * list that is not among these.
   */
  async takeOver(former: ListTaking): Promise<RedisCommand[] | undefined> {
    const { keys } = this.setup.place;
    const [length, lists]: [number, string[]] = await this.setup.client.run((client) =>
      Promise.all([client.send(['LLEN', former.own]), client.send(['LRANGE', former.from, '0', '-1'])]),
    );
    if (length === 0) return [];
    const numbers = lists.map((list) => keys.indexOf(former.setup.place.keys[Number(list)] as string));
    if (numbers.includes(-1)) return undefined;
    return [
      ['RENAME', former.own, this.own],
      ['DEL', former.from, former.count, this.from],
      ['RPUSH', this.from, ...numbers.map(String)],
    ];
  }

  /** The elements that an earlier run had taken and not committed, in order. */
  async leftovers(): Promise<TakenElement[]> {
    if (!this.keepsWhatItTakes) return [];
    const [elements, lists] = await this.setup.client.run((client) =>
      Promise.all([
        client.sendForBytes(['LRANGE', this.own, '0', '-1']),
        client.send(['LRANGE', this.from, '0', '-1']),
        client.send(['SET', this.count, '0']),
      ]),
    );
    return elements.map((element: Buffer, i: number) => ({ element, list: Number(lists[i] ?? 0) }));
  }

  /** Takes the available elements, if any, without waiting. Elements of a less urgent list are taken one at a time. */
  async take(): Promise<TakenElement[]> {
    const { client, place, group, lane, token } = this.setup;
    const { keys, isFair, delivery } = place;
    const most = delivery === 'at-most-once' ? 1 : mostAtOnce;
    const words: RedisArgument[] = [
      ...['EVAL', takeScript, String(keys.length + 4), ownerKey(group, lane), this.own, this.from, this.count, ...keys],
      ...[token, String(most), this.end, isFair ? '1' : '0', String(this.turn)],
      ...[this.keepsWhatItTakes ? '0' : '1', String(this.taken)],
    ];
    const reply = await client.run((connection) => connection.sendForBytes(words));
    if (reply === null) throw this.setup.taken();
    const taken: TakenElement[] = [];
    for (let i = 0; i < reply.length; i += 2) taken.push({ list: Number(reply[i]), element: reply[i + 1] });
    this.taken += taken.length;
    const last = taken.at(-1);
    if (last !== undefined) this.turn = (last.list + 1) % keys.length;
    return taken;
  }

  /**
   * Resolves when the list has an element, or after a while. Moving its first element to the same place changes
   * nothing.
   */
  async wait(client: RedisClient, list: number, seconds: number): Promise<void> {
    const key = this.setup.place.keys[list] as string;
    await client.send(['BLMOVE', key, key, this.end, this.end, String(seconds)]);
  }

  /** The field of a group's progress that contains the position of the first element in the own list. */
  get keptField(): string {
    return `kept:${this.setup.place.keys.join(' ')}`;
  }

  /** The commands that remove this many of the oldest taken elements. */
  removal(count: number): string[][] {
    return [this.own, this.from].map((key) => ['LTRIM', key, String(count), '-1']);
  }

  async putBack(): Promise<void> {
    if (!this.keepsWhatItTakes) return;
    const { client, place } = this.setup;
    const keys = [this.own, this.from, this.count, ...place.keys];
    await client.send(['EVAL', putBackScript, String(keys.length), ...keys, this.end]);
  }

  private get end(): string {
    return this.setup.place.take === 'head' ? 'LEFT' : 'RIGHT';
  }
}
