import type { RedisArgument, RedisClient, RedisCommand } from './client.js';
import { ownerKey } from './lane-record.js';
import type { ListPlace } from './places.js';
import type { SteadyClient } from './steady-client.js';

/** An element that was taken, and which of the lists it is of. */
export interface TakenElement {
  readonly element: Buffer;
  readonly list: number;
}

export interface TakingSetup {
  readonly client: SteadyClient;
  readonly place: ListPlace;
  /** Under which the mill's own lists are; of this run alone where the mill has no group. */
  readonly group: string;
  readonly lane: string;
  readonly token: string;
  /** The error where another process has taken the lane. */
  readonly taken: () => Error;
}

/** This many elements are taken at once if none that comes in the meantime could be more urgent. */
const mostAtOnce = 100;

/**
 * KEYS: the owner's key, the own list, the list of the numbers of the lists, how many were taken in this run, then the
 * lists. ARGV: the token, how many, the end, `1` where the lists take turns, with which the turns begin, `1` where nothing is
 * kept, and how many the process knows of: what it took and did not learn of comes first. Returns the number of the list and
 * the element, in turn; false if another process owns the lane.
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

/** Puts back what is in the own list, each element to the list that it is of, so that the next one to take is the first. */
const putBackScript = `while true do
  local element = redis.call('RPOP', KEYS[1])
  local list = redis.call('RPOP', KEYS[2])
  if not element then break end
  redis.call(ARGV[1] == 'LEFT' and 'LPUSH' or 'RPUSH', KEYS[4 + tonumber(list or '0')], element)
end
redis.call('DEL', KEYS[2], KEYS[3])`;

/**
 * Takes elements from lists: to a list of the mill's own, where they wait until their results are committed, or, at most once,
 * for good. Only the owner of the lane takes any.
 */
export class ListTaking {
  private turn = 0;
  /** In this run, without what was left over. */
  private taken = 0;
  private readonly own: string;
  private readonly from: string;
  private readonly count: string;

  constructor(private readonly setup: TakingSetup) {
    const { group, place } = setup;
    this.own = `watermill:${group}:taken:${place.keys.join(' ')}`;
    this.from = `${this.own}:from`;
    this.count = `${this.own}:count`;
  }

  get keys(): readonly string[] {
    return this.setup.place.keys;
  }

  get keepsWhatItTakes(): boolean {
    return this.setup.place.delivery === 'at-least-once';
  }

  /**
   * The commands that move here what was taken of other lists, and not committed; undefined if some of it is of a list that is
   * none of these.
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

  /** What an earlier run had taken and not committed, in that order. */
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

  /** The available elements: at once; there may be none. From a list of lesser urgency one at a time. */
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

  /** Resolves when there is something in the list, or after a while: moving its first element to where it is changes nothing. */
  async wait(client: RedisClient, list: number, seconds: number): Promise<void> {
    const key = this.setup.place.keys[list] as string;
    await client.send(['BLMOVE', key, key, this.end, this.end, String(seconds)]);
  }

  /** The field of a group's progress that says which position the first element of the own list has. */
  get keptField(): string {
    return `kept:${this.setup.place.keys.join(' ')}`;
  }

  /** Removes this many of the elements that were taken first. */
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
