import type { Class, MessageClass } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import { thrownSentence } from '../../base/thrown.js';
import { isWaterMillError, type WaterMillError } from '../../base/watermill-error.js';
import { isPromise, type Serializer, type StreamCodec } from '../codec.js';
import { CodecProblem, isFieldProblem } from '../field-problem.js';
import { badResultError } from '../message-errors.js';
import type { MessageSchema } from '../schema.js';
import { checkedSchemaOf } from '../schema.js';
import { deepCheckOf } from './deep-check.js';
import { fastWriterOf } from './generated-writer.js';
import { jsonOf, jsonText } from './json-value.js';
import { plainOf } from './plain-writer.js';
import { quickCheckOf } from './quick-check.js';

/**
 * Returns the function that converts an element to JSON text without line breaks, for a broker to write. Whatever an
 * element's own class, it is written by this class or by the codec's serializer. Make it once per stream, not per
 * element.
 *
 * @throws WaterMillError if the class is not a message class; the function throws `WM_BAD_RESULT` for an element that
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
  return (element) => {
    try {
      return write(element, 0) ?? slow(element);
    } catch (error) {
      throw reported(schema, error);
    }
  };
}

/**
 * Like `writerOf`, for brokers whose messages may be bytes: bytes of a serializer (Avro, for example) are not checked.
 */
export function recordWriterOf<T>(message: Class<T>, codec?: StreamCodec<T>): (element: T) => string | Buffer {
  const { serializer } = codec ?? {};
  if (serializer === undefined) return writerOf(message, codec);
  const schema = checkedSchemaOf(message);
  return (element) =>
    reporting(schema, () => {
      const made = serialized(serializer, element);
      // A copy: the serializer may reuse its buffer.
      return made instanceof Uint8Array ? Buffer.from(made) : jsonText(jsonOf(made, '', 'converting'));
    });
}

/**
 * Like `writerOf`, but the function returns a plain value: the result of `JSON.parse` for the text. It throws
 * `WM_BAD_RESULT` for an element that would not read back equal.
 *
 * @example plainWriterOf(Alarm)(message(Alarm, { at: new Date(0) })) // { at: '1970-01-01T00:00:00.000Z' }
 */
export function plainWriterOf<T>(message: Class<T>, codec?: StreamCodec<T>): (element: T) => Json {
  const schema = checkedSchemaOf(message);
  if (codec?.serializer !== undefined) return serializing(schema, codec.serializer);
  return (element) => reporting(schema, () => plainOf(schema, element));
}

/** Returns the function that throws `WM_BAD_RESULT` for an element that `writerOf` would refuse. */
export function elementCheckOf(message: Class): (element: object) => void {
  const schema = checkedSchemaOf(message);
  const isGood = quickCheckOf(message as MessageClass<any>);
  const isDeepGood = deepCheckOf(message as MessageClass<any>);
  return (element) => {
    try {
      if (isGood(element) || isDeepGood(element, 0)) return;
      plainOf(schema, element);
    } catch (error) {
      throw reported(schema, error);
    }
  };
}

/** Returns the function that calls a serializer, and converts its result to JSON. */
export function serializing<T>(schema: MessageSchema<T>, serializer: Serializer<T>): (element: T) => Json {
  return (element) =>
    reporting(schema, () => {
      const made = serialized(serializer, element);
      if (!(made instanceof Uint8Array)) return jsonOf(made, '', 'converting');
      throw new CodecProblem(
        '',
        'the serializer returned bytes. They go to brokers whose messages are bytes, such as Kafka.',
      );
    });
}

function serialized<T>(serializer: Serializer<T>, element: T): unknown {
  let made: unknown;
  try {
    made = serializer(element);
  } catch (cause) {
    throw new CodecProblem('', `the serializer threw: ${thrownSentence(cause)}`, { cause });
  }
  if (!isPromise(made)) return made;
  throw new CodecProblem(
    '',
    'the serializer returned a promise. Results are written synchronously: let it return the value itself.',
  );
}

/** Converts a problem with an element to the error for a result that cannot be written. */
export function reporting<R>(schema: MessageSchema, write: () => R): R {
  try {
    return write();
  } catch (error) {
    throw reported(schema, error);
  }
}

/** The error for a failed write: a problem of the element, or an error of the element's own code. */
function reported(schema: MessageSchema, error: unknown): WaterMillError {
  if (isWaterMillError(error)) return error;
  if (isFieldProblem(error)) return badResultError(error, schema.name);
  const problem = new CodecProblem('', `inspecting it threw: ${thrownSentence(error)}`, { cause: error });
  return badResultError(problem, schema.name);
}
