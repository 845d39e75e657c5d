import { longestTimerMs } from '../../../base/clock.js';
import { type BrokerOptions, isOptions } from '../../broker-options.js';
import { isBoolean, isCount, isCountAboveZero, isFunction, isText } from '../../option-values.js';
import type { KafkaSettings } from './kafka-options.js';

/** Timers and the fields of requests hold at most this. */
export const countExpected = `a whole number from 1 to ${longestTimerMs}`;

export function isClientCount(value: unknown): boolean {
  return isCountAboveZero(value) && (value as number) <= longestTimerMs;
}

const retryExpected =
  '{ retries, initialRetryTime, maxRetryTime, multiplier, factor }: retries a whole number above 0, times in whole milliseconds, the others from 0 on';

const retryValues: Readonly<Record<string, (value: unknown) => boolean>> = {
  // The client cannot write without retries.
  retries: (value) => isCountAboveZero(value) || value === Number.POSITIVE_INFINITY,
  initialRetryTime: isRetryTime,
  maxRetryTime: isRetryTime,
  multiplier: isNumberFromZero,
  factor: isNumberFromZero,
};

/** The options that are passed to the client as they are: what is expected, and the test for it. */
const passedOptions: Readonly<Record<string, readonly [expected: string, fits: (value: unknown) => boolean]>> = {
  connectionTimeout: [countExpected, isClientCount],
  authenticationTimeout: [countExpected, isClientCount],
  reauthenticationThreshold: [countExpected, isClientCount],
  requestTimeout: [countExpected, isClientCount],
  enforceRequestTimeout: ['true or false', isBoolean],
  socketFactory: ['a function', isFunction],
};

export const clientOptionNames: readonly string[] = ['clientId', 'retry', 'ssl', 'sasl', ...Object.keys(passedOptions)];

/** Checks the options of the client, which itself would fail with them much later, or repeat requests in vain. */
export function clientSettings(options: BrokerOptions): Pick<KafkaSettings, 'retry' | 'client'> {
  const given = options.take<object>('retry', retryExpected, isOptions);
  if (given !== undefined) {
    options.checkNames("The option 'retry'", given, Object.keys(retryValues));
    const fits = Object.entries(given).every(([name, value]) => value === undefined || retryValues[name]?.(value));
    if (!fits) options.refuse("The option 'retry'", retryExpected, given);
  }
  const chosen = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  const retry = { retries: 10, initialRetryTime: 100, maxRetryTime: 30_000, ...Object.fromEntries(chosen) };
  const passed = Object.entries(passedOptions).map(([name, [expected, fits]]) => [
    name,
    options.take(name, expected, fits),
  ]);
  const client = {
    clientId: options.take<string>('clientId', 'a non-empty string', isText) ?? 'watermill',
    retry,
    ...Object.fromEntries([...passed, ...secretSettings(options)].filter(([, value]) => value !== undefined)),
  };
  return { retry, client: Object.freeze(client) };
}

/** Errors show nothing of these but the names of their properties. */
function secretSettings(options: BrokerOptions): [name: string, value: unknown][] {
  const secret = (name: string, expected: string, fits: (value: unknown) => boolean): [string, unknown] => {
    const value = options.take(name, expected, () => true);
    if (value !== undefined && !fits(value)) {
      options.refuse(`The option '${name}'`, expected, isOptions(value) ? Object.keys(value) : typeof value);
    }
    return [name, value];
  };
  const hasMechanism = (value: unknown) => isOptions(value) && isText((value as { mechanism?: unknown }).mechanism);
  return [
    secret(
      'ssl',
      "true, false or an object with Node's options for TLS",
      (value) => isBoolean(value) || isOptions(value),
    ),
    secret('sasl', "an object such as { mechanism: 'scram-sha-512', username, password }", hasMechanism),
  ];
}

function isRetryTime(value: unknown): boolean {
  return isCount(value) && value <= longestTimerMs;
}

function isNumberFromZero(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}
