import { isDate } from '../../../base/date.js';
import { type BrokerOptions, isOptions } from '../../broker-options.js';
import { isOneOf, isText } from '../../option-values.js';
import { type Codecs, canCompress } from '../kafkajs/codecs.js';
import { type BootstrapAddress, parsedAddress } from './bootstrap-address.js';
import { clientOptionNames, clientSettings, countExpected, isClientCount } from './client-settings.js';
import { type CompressionCodec, type CompressionName, codecHints, codecNames } from './compression.js';
import type { KafkaSettings, StartFrom } from './kafka-options.js';

export const kafkaOptionNames: readonly string[] = [
  'brokers',
  'group',
  'topics',
  'guarantee',
  'createTopics',
  'startFrom',
  'onLostPositions',
  'emptyValues',
  'codecs',
  'compression',
  'dataTimeoutMs',
  'pollTimeoutMs',
  'sessionTimeoutMs',
  'rebalanceTimeoutMs',
  'heartbeatIntervalMs',
  'topicCheckIntervalMs',
  'transactionTimeoutMs',
  'maxWaitMs',
  'maxBytesPerPartition',
  ...clientOptionNames,
];

/** Checks the options and fills in the defaults. */
export function kafkaSettings(options: BrokerOptions): KafkaSettings {
  const text = (name: string) => options.take<string>(name, 'a non-empty string', isText);
  const oneOf = <T extends string>(name: string, first: T, second: T): T =>
    options.take<T>(name, `'${first}' or '${second}'`, isOneOf(first, second)) ?? first;
  const optional = (name: string) => options.take<number>(name, countExpected, isClientCount);
  const count = (name: string, standard: number): number => optional(name) ?? standard;
  const client = clientSettings(options);
  const times = {
    sessionTimeoutMs: count('sessionTimeoutMs', 30_000),
    heartbeatIntervalMs: count('heartbeatIntervalMs', 500),
    maxWaitMs: count('maxWaitMs', 100),
  };
  checkTimes(options, times, client.client);
  return {
    ...client,
    ...times,
    addresses: addressesOf(options),
    group: text('group'),
    exactlyOnce: oneOf('guarantee', 'at-least-once', 'exactly-once') === 'exactly-once',
    createTopics: createTopicsOf(options),
    startFrom: options.take<StartFrom>('startFrom', startForms, isStart) ?? 'earliest',
    onLostPositions: oneOf('onLostPositions', 'fail', 'earliest'),
    emptyValues: oneOf('emptyValues', 'bad', 'skip'),
    ...compressionOf(options),
    rebalanceTimeoutMs: count('rebalanceTimeoutMs', 60_000),
    topicCheckIntervalMs: count('topicCheckIntervalMs', 5_000),
    transactionTimeoutMs: count('transactionTimeoutMs', 60_000),
    maxBytesPerPartition: optional('maxBytesPerPartition'),
  };
}

/** Heartbeats are sent between fetches: with longer pauses, the group would drop the member again and again. */
function checkTimes(
  options: BrokerOptions,
  {
    sessionTimeoutMs,
    heartbeatIntervalMs,
    maxWaitMs,
  }: Pick<KafkaSettings, 'sessionTimeoutMs' | 'heartbeatIntervalMs' | 'maxWaitMs'>,
  { requestTimeout = 30_000, enforceRequestTimeout }: KafkaSettings['client'],
): void {
  const refuse = (name: string, limit: string, ms: unknown, value: number) =>
    options.refuse(`The option '${name}'`, `less than ${limit} (${ms})`, value);
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    refuse('heartbeatIntervalMs', 'sessionTimeoutMs', sessionTimeoutMs, heartbeatIntervalMs);
  }
  if (maxWaitMs >= sessionTimeoutMs) refuse('maxWaitMs', 'sessionTimeoutMs', sessionTimeoutMs, maxWaitMs);
  if (enforceRequestTimeout !== false && maxWaitMs >= (requestTimeout as number)) {
    refuse('maxWaitMs', 'requestTimeout', requestTimeout, maxWaitMs);
  }
}

const addressForm = "an array of host:port, such as ['localhost:9092']";
const startForms = "'earliest', 'latest', a Date, or { topic: { partition: offset } }";

/** Each address once, in the given order. */
function addressesOf(options: BrokerOptions): readonly BootstrapAddress[] {
  const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
  const given = options.take<readonly unknown[]>('brokers', addressForm, isFilled);
  if (given === undefined) options.refuse("The option 'brokers'", addressForm, undefined);
  const found = new Map<string, BootstrapAddress>();
  for (const each of given) {
    const address = parsedAddress(each);
    if (typeof address === 'string') options.refuse("The option 'brokers'", addressForm, given, address);
    else found.set(`${address.host}:${address.port}`, address);
  }
  return [...found.values()];
}

function compressionOf(options: BrokerOptions): Pick<KafkaSettings, 'codecs' | 'compression'> {
  const codecForm = '{ snappy, lz4, zstd }, each a function or an object with decompress';
  const isCodec = (value: unknown): boolean =>
    typeof value === 'function' || (isOptions(value) && typeof (value as CompressionCodec).decompress === 'function');
  const areCodecs = (value: unknown): boolean =>
    isOptions(value) &&
    Object.entries(value as object).every(
      ([name, codec]) => (codecNames as readonly string[]).includes(name) && isCodec(codec),
    );
  const codecs = options.take<Codecs>('codecs', codecForm, areCodecs) ?? {};
  const names = ['gzip', ...codecNames];
  const compression = options.take<CompressionName>(
    'compression',
    "'gzip', 'snappy', 'lz4' or 'zstd'",
    isOneOf(...names),
  );
  if (compression !== undefined && compression !== 'gzip' && !canCompress(compression, codecs)) {
    const expected = 'a compression for which there is a codec';
    options.refuse("The option 'compression'", expected, compression, codecHints[compression]);
  }
  return { codecs, compression };
}

function createTopicsOf(options: BrokerOptions): KafkaSettings['createTopics'] {
  const isForm = (value: unknown) => typeof value === 'boolean' || isOptions(value);
  const given = options.take<boolean | object>(
    'createTopics',
    'true, false or { partitions, replicationFactor }',
    isForm,
  );
  if (typeof given !== 'object') return given === true && {};
  const names = ['partitions', 'replicationFactor'];
  options.checkNames("The option 'createTopics'", given, names);
  for (const name of names) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && !isClientCount(value)) {
      options.refuse(`The option 'createTopics.${name}'`, countExpected, value);
    }
  }
  return given;
}

function isStart(value: unknown): boolean {
  if (value === 'earliest' || value === 'latest') return true;
  if (isDate(value)) return !Number.isNaN(value.getTime());
  const isOffset = (offset: unknown): boolean => Number.isSafeInteger(offset) && (offset as number) >= 0;
  const arePositions = (offsets: unknown): boolean =>
    isOptions(offsets) &&
    Object.entries(offsets).every(([partition, offset]) => /^\d+$/.test(partition) && isOffset(offset));
  return isOptions(value) && Object.values(value).every(arePositions);
}

/** Throws for positions of topics that are not read: a mistyped topic would start at the earliest. */
export function checkStart(options: BrokerOptions, startFrom: StartFrom, topics: readonly string[]): void {
  if (typeof startFrom === 'object' && !isDate(startFrom)) {
    options.checkNames("The option 'startFrom'", startFrom, topics, 'topic');
  }
}
