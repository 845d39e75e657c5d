import type { Class } from '../../base/class.js';
import type { Deserializer, StreamCodec } from '../codec.js';
import type { MessageSchema } from '../schema.js';
import { checkedSchemaOf } from '../schema.js';
import { deserializeWith } from './deserializer.js';
import { generatedReader } from './generated-reader.js';
import type { Naming } from './naming.js';
import { readMessage } from './value-reader.js';

export interface ReaderOptions {
  /** The values may be written by hand: a renamed field may come under its property's name. Default: false. */
  acceptPropertyNames?: boolean;
}

/**
 * The function that makes elements of parsed values (of whatever the deserializer takes, where the codec has one). An
 * element of the class is given back as it is. It throws FieldProblem for a value that cannot be read, and
 * WaterMillError for mistakes that no policy for bad messages may pass over.
 */
export function readerOf<T>(
  message: Class<T>,
  codec?: StreamCodec<T>,
  options: ReaderOptions = {},
): (value: unknown) => T {
  const schema = checkedSchemaOf(message);
  if (codec?.deserializer !== undefined) return deserializingReader(schema, codec.deserializer);
  return readerFor(schema, options.acceptPropertyNames === true ? 'either' : 'wire');
}

function readerFor(schema: MessageSchema, naming: Naming): (value: unknown) => any {
  return generatedReader(schema, naming) ?? ((value) => readMessage(schema, value, naming));
}

function deserializingReader(schema: MessageSchema, deserializer: Deserializer<any>): (value: unknown) => any {
  const deserialize = deserializeWith(schema, deserializer);
  const read = readerFor(schema, 'property');
  return (value) => (value instanceof schema.message ? value : read(deserialize(value)));
}
