import type { Class } from '../../base/class.js';
import type { Deserializer, StreamCodec } from '../codec.js';
import { copierOf, makeSnapshots } from '../copy.js';
import type { MessageSchema } from '../schema.js';
import { checkedSchemaOf } from '../schema.js';
import { unsharingOf } from '../unsharing.js';
import { deserializeWith } from './deserializer.js';
import { generatedReader } from './generated-reader.js';
import type { Naming } from './naming.js';
import { readMessage } from './value-reader.js';

export interface ReaderOptions {
  /** The values may be written by hand: a renamed field may also have its property's name. Default: false. */
  acceptPropertyNames?: boolean;
  /** The values are shared with other code: mutable parts are copied. Default: false. */
  sharesValues?: boolean;
  /**
   * Each value is an object of texts, like a row of CSV: they are converted to the types of the class. Default: false.
   */
  texts?: boolean;
}

/**
 * Returns the function that makes elements from parsed values (from the input of the codec's deserializer, if there is
 * one). An element of the class is returned unchanged. It throws FieldProblem for a value that cannot be read, and
 * WaterMillError for mistakes that no policy for bad messages may skip.
 */
export function readerOf<T>(
  message: Class<T>,
  codec?: StreamCodec<T>,
  options: ReaderOptions = {},
): (value: unknown) => T {
  const schema = checkedSchemaOf(message);
  const sharesValues = options.sharesValues === true;
  if (codec?.deserializer !== undefined) return deserializingReader(schema, codec.deserializer, sharesValues);
  const naming = options.texts === true ? 'text' : options.acceptPropertyNames === true ? 'either' : 'wire';
  const read = readerFor(schema, naming);
  return sharesValues ? unsharing(schema, read) : read;
}

/** A value that is an element already is returned unchanged. */
function unsharing(schema: MessageSchema, read: (value: unknown) => any): (value: unknown) => any {
  const unshare = unsharingOf(schema);
  if (unshare === false) return read;
  return (value) => {
    const element = read(value);
    if (element !== value) unshare(element);
    return element;
  };
}

function readerFor(schema: MessageSchema, naming: Naming): (value: unknown) => any {
  return generatedReader(schema, naming) ?? ((value) => readMessage(schema, value, naming));
}

/**
 * A deserializer may change its argument, and what it returns is the user's: it may return one object for all messages,
 * or parts of one. An element is copied, since its class need not have assignable fields.
 */
function deserializingReader(
  schema: MessageSchema,
  deserializer: Deserializer<any>,
  sharesValues: boolean,
): (value: unknown) => any {
  const deserialize = deserializeWith(schema, deserializer);
  const snapshot = sharesValues ? makeSnapshots() : (value: unknown) => value;
  const read = unsharing(schema, readerFor(schema, 'property'));
  const copy = copierOf(schema.message);
  return (value) => {
    if (value instanceof schema.message) return value;
    // Bytes are needed again if the message is bad.
    const given = deserialize(value instanceof Uint8Array ? Buffer.from(value) : snapshot(value));
    const element = read(given);
    return element === given ? copy(element) : element;
  };
}
