import type { Class } from '../base/class.js';
import { isMessageClass, type StreamCodec } from '../messages/index.js';
import { type BrokerOptions, isOptions } from './broker-options.js';

/** The options for reading and writing the values of a stream, which the entries of most brokers accept. */
export const codecNames: readonly (keyof StreamCodec<any>)[] = ['deserializer', 'serializer', 'raw'];

/**
 * Returns the class of an entry, and its other members. `what`: the entry, `Entry 1 of sources`. `form`: how to write
 * one, `[Class, path]`; options may follow.
 */
export function membersOf(
  checked: BrokerOptions,
  what: string,
  entry: unknown,
  form: string,
): readonly [message: Class, ...unknown[]] {
  const [message, ...rest] = Array.isArray(entry) ? entry : [];
  if (typeof message !== 'function') checked.refuse(what, `a pair ${form}`, entry, hintFor(entry, form));
  if (!isMessageClass(message)) {
    checked.refuse(what, `a message class first, ${form}`, message, 'Write @Message() above the class.');
  }
  if (rest.length > 2) checked.refuse(what, `${form} or ${form.slice(0, -1)}, options]`, entry);
  return [message, ...rest];
}

function hintFor(entry: unknown, form: string): string | undefined {
  if (typeof entry === 'function') return `Each entry is a separate array: [${form}, …].`;
  if (!Array.isArray(entry) || entry.length === 0 || entry[0] !== undefined) return undefined;
  return 'Where the class is undefined though imported, the import is circular: declare it in its own file.';
}

/** Returns the options of an entry, after checking their names and the members of a codec. */
export function entryOptions<O extends object>(
  checked: BrokerOptions,
  what: string,
  given: unknown,
  known: readonly string[],
): O | undefined {
  if (given === undefined) return undefined;
  if (!isOptions(given)) checked.refuse(what, 'an object of options as its third member', given);
  checked.checkNames(what, given, known);
  const { deserializer, serializer, raw } = given as Readonly<Record<string, unknown>>;
  const check = (name: string, value: unknown, expected: string, fits: boolean): void => {
    if (value !== undefined && !fits) checked.refuse(`The option '${name}' of ${lowerCase(what)}`, expected, value);
  };
  const isSchema = typeof deserializer === 'object' && deserializer !== null && '~standard' in deserializer;
  const isDeserializer = typeof deserializer === 'function' || isSchema;
  check('deserializer', deserializer, 'a function (value) => element, or a Standard Schema', isDeserializer);
  check('serializer', serializer, 'a function (element) => value', typeof serializer === 'function');
  check('raw', raw, 'true or false', typeof raw === 'boolean');
  return given as O;
}

function lowerCase(what: string): string {
  return what.charAt(0).toLowerCase() + what.slice(1);
}
