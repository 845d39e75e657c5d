import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { BrokerTimeouts } from './broker.js';
import { isCount } from './option-values.js';

/** Checks the options of a broker, including those from plain JavaScript. */
export class BrokerOptions {
  /** `form`: how to write the options, for the error if they are something else. */
  constructor(
    private readonly broker: string,
    private readonly given: object,
    known: readonly string[],
    form?: string,
  ) {
    const hint = form === undefined ? undefined : `Write ${form}.`;
    if (!isOptions(given)) this.refuse(wholeOptions, 'an object', given, hint);
    this.checkNames(undefined, given, known);
  }

  /** Throws for unknown names. `whose`: the part of the broker they belong to, if not the whole. */
  checkNames(whose: string | undefined, given: object, known: readonly string[], noun?: string): void {
    const unknown = unknownOption(given, known, noun);
    if (unknown === undefined) return;
    const owner = whose === undefined ? this.broker : `${whose} of ${this.broker}`;
    throw new WaterMillError('WM_BROKER_OPTIONS', `${owner} ${unknown.sentence}`, unknown.details);
  }

  /** The value of an option, if it is given. Throws if it is not as expected. */
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

  /** Throws the error for an entry or option that is invalid; `hint`: a sentence on what to do. */
  refuse(what: string, expected: string, value: unknown, hint?: string): never {
    throw optionsError(this.broker, what, expected, value, hint);
  }
}

/** The expected value of an option for retries. */
export const retriesExpected = '{ max, delayMs }, whole numbers from 0 on, or max: Infinity';

export function areRetries(value: unknown): boolean {
  if (!isOptions(value)) return false;
  const { max, delayMs = 0 } = value as Readonly<Record<string, unknown>>;
  return (isCount(max) || max === Number.POSITIVE_INFINITY) && isCount(delayMs);
}

const wholeOptions = 'The options';

/** Returns whether a value can hold options by name. */
export function isOptions(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

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
