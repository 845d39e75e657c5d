import type { Class } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { checkedSchemaOf, plainWriterOf, type StreamCodec, textWriterOf, writerOf } from '../../../messages/index.js';
import type { RedisArgument, RedisCommand } from '../client/redis-client.js';
import { endElement, endElementOnce, endEntry, endEntryOnce } from '../entries/end-mark.js';
import { jsonField } from '../entries/entry-values.js';
import type { ListPlace, StreamPlace } from '../options/places.js';

/** The form in which a result is kept until it is written: its JSON text, or the names and texts of its fields. */
export type TakenResult = string | readonly string[];

/** How results of a class are written. */
export interface ResultForm {
  readonly type: 'stream' | 'list';
  readonly take: (element: any) => TakenResult;
  /** The commands that append results to a key, in order. */
  readonly commands: (key: string, taken: readonly TakenResult[]) => readonly RedisCommand[];
  /** The command that appends the end mark. */
  readonly end: (key: string) => RedisCommand;
  /** The command that appends the end mark, unless it exists. */
  readonly endOnce: (key: string) => RedisCommand;
}

/** One request for many entries. ARGV: the maximum length, or an empty text, then the texts. */
const appendTexts = `for i = 2, #ARGV do
if ARGV[1] == '' then redis.call('XADD', KEYS[1], '*', '${jsonField}', ARGV[i])
else redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', '${jsonField}', ARGV[i]) end
end`;

export function resultForm(
  message: Class,
  place: StreamPlace | ListPlace,
  codec: StreamCodec<any> | undefined,
): ResultForm {
  return place.kind === 'list' ? listForm(message, place, codec) : streamForm(message, place, codec);
}

function streamForm(
  message: Class,
  { fields, maxLength }: StreamPlace,
  codec: StreamCodec<any> | undefined,
): ResultForm {
  const limit = maxLength === undefined ? '' : String(maxLength);
  const trim = maxLength === undefined ? [] : ['MAXLEN', '~', limit];
  const commands =
    fields === 'each'
      ? (key: string, taken: readonly TakenResult[]) => taken.map((texts) => ['XADD', key, ...trim, '*', ...texts])
      : (key: string, taken: readonly TakenResult[]) => [
          ['EVAL', appendTexts, '1', key, limit, ...(taken as readonly string[])],
        ];
  return {
    type: 'stream',
    take: fields === 'each' ? fieldsOf(message, codec) : writerOf(message, codec),
    commands,
    end: endEntry,
    endOnce: endEntryOnce,
  };
}

function listForm(message: Class, { put }: ListPlace, codec: StreamCodec<any> | undefined): ResultForm {
  const push = put === 'tail' ? 'RPUSH' : 'LPUSH';
  return {
    type: 'list',
    take: writerOf(message, codec),
    commands: (key, taken) => [[push, key, ...(taken as readonly RedisArgument[])]],
    end: (key) => [push, key, endElement],
    endOnce: (key) => endElementOnce(key, put),
  };
}

/** The names and texts of an element's fields, for fields that have a text. */
function fieldsOf(message: Class, codec: StreamCodec<any> | undefined): (element: any) => readonly string[] {
  if (codec?.serializer !== undefined) return membersOf(message, codec);
  const names = checkedSchemaOf(message).fields.map(({ name }) => name);
  const texts = textWriterOf(message, names);
  return (element) => {
    const fields = texts(element).flatMap((text, i) => (text === undefined ? [] : [names[i] as string, text]));
    return fields.length > 0 ? fields : noFields(message);
  };
}

/** Like `fieldsOf`, for the result of a serializer: null and missing members are left out. */
function membersOf(message: Class, codec: StreamCodec<any>): (element: any) => readonly string[] {
  const plain = plainWriterOf(message, codec);
  return (element) => {
    const value = plain(element);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const members = isObject ? Object.entries(value).filter(([, member]) => member !== null) : [];
    if (members.length === 0) return noFields(message);
    return members.flatMap(([name, member]) => [name, typeof member === 'string' ? member : JSON.stringify(member)]);
  };
}

function noFields({ name }: Class): never {
  throw new WaterMillError(
    'WM_BAD_RESULT',
    `An element of ${name} has no field with a value, and an entry of a stream needs at least one. Write it as JSON (fields: 'json').`,
    { message: name, expected: 'a field with a value', found: 'none' },
  );
}
