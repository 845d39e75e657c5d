import { unknownOption } from '../../base/option-names.js';
import { shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { WaterMill } from '../../mill/water-mill.js';
import type { ExploredBroker } from './explored-broker.js';

/** The error for an invalid argument of `explore`. */
export function wrong(expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_TEST_KIT', `explore(): expected ${expected}, found ${found}.`, { expected, found });
}

/** Throws for an unknown option. */
export function expectOptions(options: object, known: readonly string[]): void {
  const unknown = unknownOption(options, known);
  if (unknown !== undefined) {
    throw new WaterMillError('WM_TEST_KIT', `explore() ${unknown.sentence}`, unknown.details);
  }
}

/** Throws if it is not a mill that reads and writes through this broker. */
export function expectMill(mill: WaterMill<any>, broker: ExploredBroker): void {
  if (typeof mill?.run !== 'function') throw wrong('that the function returns a WaterMill', mill);
  if (broker.asked.size === 0) throw wrong('that the mill has the broker that the function is given', mill);
}
