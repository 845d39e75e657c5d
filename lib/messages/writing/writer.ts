import type { Class } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import { reasonOf } from '../../base/thrown.js';
import type { Serializer, StreamCodec } from '../codec.js';
import { badResultError } from '../errors.js';
import { CodecProblem, FieldProblem } from '../field-problem.js';
import type { MessageSchema } from '../schema.js';
import { checkedSchemaOf } from '../schema.js';
import { fastWriterOf } from './generated-writer.js';
import { jsonOf, jsonText } from './json-value.js';
import { plainOf } from './plain-writer.js';

/**
 * The function that gives an element's JSON text, without line breaks: what a broker writes. Whatever an element's own
 * class, it is written as this one says, or as the codec's serializer does. Make it once per stream, not per element.
 *
 * @throws WaterMillError where the class is no message class; the function throws `WM_BAD_RESULT` for an element that
 * could not be read back equal.
 * @example
 * ```ts
 * const write = writerOf(RobotSpeed);
 * lines.push(write(speed)); // {"time_from":0,"time_to":10,"speed":1.5}
 * ```
 */
export function writerOf<T>(message: Class<T>, codec?: StreamCodec<T>): (element: T) => string {
  const schema = checkedSchemaOf(message);
  if (codec?.serializer !== undefined) {
    const plain = serializing(schema, codec.serializer);
    return (element) => jsonText(plain(element));
  }
  const slow = (element: T): string => jsonText(reporting(schema, () => plainOf(schema, element)));
  const fast = fastWriterOf(schema);
  if (!fast.generated) return slow;
  const { write } = fast;
  return (element) => write(element, 0) ?? slow(element);
}

/** As `writerOf`, but the function gives a plain value: what `JSON.parse` would give for the text. */
export function plainWriterOf<T>(message: Class<T>, codec?: StreamCodec<T>): (element: T) => Json {
  const schema = checkedSchemaOf(message);
  if (codec?.serializer !== undefined) return serializing(schema, codec.serializer);
  return (element) => reporting(schema, () => plainOf(schema, element));
}

function serializing<T>(schema: MessageSchema<T>, serializer: Serializer<T>): (element: T) => Json {
  return (element) => reporting(schema, () => jsonOf(serialized(serializer, element), '', 'converting'));
}

function serialized<T>(serializer: Serializer<T>, element: T): unknown {
  try {
    return serializer(element);
  } catch (cause) {
    throw new CodecProblem('', `the serializer threw: ${reasonOf(cause)}.`, { cause });
  }
}

function reporting<R>(schema: MessageSchema, write: () => R): R {
  try {
    return write();
  } catch (error) {
    if (error instanceof FieldProblem) throw badResultError(error, schema.name);
    throw error;
  }
}
