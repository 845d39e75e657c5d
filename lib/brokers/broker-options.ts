import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { BrokerTimeouts } from './broker.js';

/** The members of a codec, of brokers whose entries have no others. */
export const codecNames = ['deserializer', 'serializer', 'raw'];

/** Checks what users of plain JavaScript, too, give to a broker. */
export class BrokerOptions {
  constructor(
    private readonly broker: string,
    private readonly given: object,
    known: readonly string[],
  ) {
    if (typeof given !== 'object' || given === null) this.refuse(wholeOptions, 'an object', given);
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) this.refuse(`The option '${name}'`, `one of ${known.join(', ')}`, name);
    }
  }

  /** The value of an option, if it is given; refused if it is not what is expected. */
  take<T>(name: string, expected: string, fits: (value: unknown) => boolean): T | undefined {
    const value = (this.given as Record<string, unknown>)[name];
    if (value !== undefined && !fits(value)) this.refuse(`The option '${name}'`, expected, value);
    return value as T | undefined;
  }

  timeouts(): BrokerTimeouts {
    const positive = (value: unknown) => typeof value === 'number' && value > 0;
    const dataTimeoutMs = this.take<number>('dataTimeoutMs', 'a number of milliseconds above 0', positive);
    const pollTimeoutMs = this.take<number>('pollTimeoutMs', 'a number of milliseconds above 0', positive);
    return { dataTimeoutMs, pollTimeoutMs };
  }

  /** Checks what an entry says of how its messages are read and written; `known`: all names that it may have. */
  checkCodec(what: string, codec: object, known?: readonly string[]): void {
    const unknown = known && Object.keys(codec).find((name) => !known.includes(name));
    if (known !== undefined && unknown !== undefined) {
      this.refuse(`${what}, the option '${unknown}'`, `one of ${known.join(', ')}`, unknown);
    }
    const { deserializer, serializer, raw } = codec as Readonly<Record<string, unknown>>;
    const isSchema = typeof deserializer === 'object' && deserializer !== null && '~standard' in deserializer;
    if (deserializer !== undefined && typeof deserializer !== 'function' && !isSchema) {
      this.refuse(`${what}, the option 'deserializer'`, 'a function or a Standard Schema', deserializer);
    }
    if (serializer !== undefined && typeof serializer !== 'function') {
      this.refuse(`${what}, the option 'serializer'`, 'a function (element) => JSON', serializer);
    }
    if (raw !== undefined && typeof raw !== 'boolean') {
      this.refuse(`${what}, the option 'raw'`, 'true or false', raw);
    }
  }

  /** Throws the error for an entry or option that is invalid; `hint`: a sentence on what to do. */
  refuse(what: string, expected: string, value: unknown, hint?: string): never {
    throw optionsError(this.broker, what, expected, value, hint);
  }
}

const wholeOptions = 'The options';

export function optionsError(
  broker: string,
  what: string,
  expected: string,
  value: unknown,
  hint?: string,
): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError(
    'WM_BROKER_OPTIONS',
    `${what} of ${broker} ${what === wholeOptions ? 'are' : 'is'} wrong: expected ${expected}, found ${found}.${hint === undefined ? '' : ` ${hint}`}`,
    {
      expected,
      found,
    },
  );
}
