import { isDate } from '../../base/date.js';
import type { BrokerOptions } from '../broker-options.js';
import { type BootstrapAddress, parsedAddress } from './bootstrap-address.js';
import type { KafkaSettings, StartFrom } from './kafka-options.js';

const clientOptions = [
  'ssl',
  'sasl',
  'connectionTimeout',
  'authenticationTimeout',
  'reauthenticationThreshold',
  'requestTimeout',
  'enforceRequestTimeout',
  'socketFactory',
];

export const kafkaOptionNames: readonly string[] = [
  'brokers',
  'group',
  'topics',
  'guarantee',
  'createTopics',
  'startFrom',
  'onLostPositions',
  'emptyValues',
  'dataTimeoutMs',
  'pollTimeoutMs',
  'sessionTimeoutMs',
  'rebalanceTimeoutMs',
  'heartbeatIntervalMs',
  'topicCheckIntervalMs',
  'transactionTimeoutMs',
  'maxWaitMs',
  'maxBytesPerPartition',
  'clientId',
  'retry',
  ...clientOptions,
];

/** Checks the options and fills in the defaults. */
export function kafkaSettings(options: BrokerOptions): KafkaSettings {
  const text = (name: string) => options.take<string>(name, 'a text that is not empty', isText);
  const oneOf = <T extends string>(name: string, first: T, second: T): T =>
    options.take<T>(name, `'${first}' or '${second}'`, (value) => value === first || value === second) ?? first;
  const count = (name: string, standard: number): number =>
    options.take<number>(name, 'a whole number above 0', isCount) ?? standard;
  return {
    addresses: addressesOf(options),
    group: text('group'),
    exactlyOnce: oneOf('guarantee', 'at-least-once', 'exactly-once') === 'exactly-once',
    createTopics: createTopicsOf(options),
    startFrom: options.take<StartFrom>('startFrom', startForms, isStart) ?? 'earliest',
    onLostPositions: oneOf('onLostPositions', 'fail', 'earliest'),
    emptyValues: oneOf('emptyValues', 'bad', 'skip'),
    sessionTimeoutMs: count('sessionTimeoutMs', 30_000),
    rebalanceTimeoutMs: count('rebalanceTimeoutMs', 60_000),
    heartbeatIntervalMs: count('heartbeatIntervalMs', 500),
    topicCheckIntervalMs: count('topicCheckIntervalMs', 5_000),
    transactionTimeoutMs: count('transactionTimeoutMs', 60_000),
    maxWaitMs: count('maxWaitMs', 100),
    maxBytesPerPartition: options.take<number>('maxBytesPerPartition', 'a whole number above 0', isCount),
    ...clientSettings(options, text('clientId')),
  };
}

const addressForm = "an array of host:port, such as ['localhost:9092']";
const startForms = "'earliest', 'latest', a Date, or { topic: { partition: offset } }";

function clientSettings(options: BrokerOptions, clientId = 'watermill') {
  const given = options.take<object>('retry', 'an object with retries, initialRetryTime, …', isObject);
  const retry = { retries: 10, initialRetryTime: 100, maxRetryTime: 30_000, ...given };
  const passed: [string, unknown][] = clientOptions.map((name) => [name, options.take(name, 'a value', () => true)]);
  const client = {
    clientId,
    retry,
    ...Object.fromEntries(passed.filter(([, value]) => value !== undefined)),
  };
  return { retry, client: Object.freeze(client) };
}

/** Each address once, in the order in which they are given. */
function addressesOf(options: BrokerOptions): readonly BootstrapAddress[] {
  const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
  const given = options.take<readonly unknown[]>('brokers', addressForm, isList);
  if (given === undefined) options.refuse("The option 'brokers'", addressForm, undefined);
  const found = new Map<string, BootstrapAddress>();
  for (const each of given) {
    const address = parsedAddress(each);
    if (typeof address === 'string') options.refuse("The option 'brokers'", addressForm, given, address);
    else found.set(`${address.host}:${address.port}`, address);
  }
  return [...found.values()];
}

function createTopicsOf(options: BrokerOptions): KafkaSettings['createTopics'] {
  const isForm = (value: unknown) => typeof value === 'boolean' || isObject(value);
  const given = options.take<boolean | object>(
    'createTopics',
    'true, false or { partitions, replicationFactor }',
    isForm,
  );
  return given === true ? {} : given === undefined ? false : given;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function isStart(value: unknown): boolean {
  if (value === 'earliest' || value === 'latest') return true;
  if (isDate(value)) return !Number.isNaN(value.getTime());
  return isObject(value) && Object.values(value as object).every(isObject);
}
