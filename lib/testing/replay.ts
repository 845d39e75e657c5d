import { isDeepStrictEqual } from 'node:util';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Broker } from '../brokers/broker.js';
import type { WaterMill } from '../mill/water-mill.js';
import { Fixture, fixtureError } from './fixture.js';
import { FixtureBroker } from './fixture-broker.js';
import type { Plain } from './plain.js';

/** Makes a mill that reads and writes through this broker. */
export type MakeMill = (broker: Broker) => WaterMill<any> | Promise<WaterMill<any>>;

/** A result that differs from the one that a fixture expects. */
export interface Difference {
  /** The name of the result's class. */
  readonly stream: string;
  /** The index of the result among those of its class, from 0 on. */
  readonly at: number;
  /** Undefined if there are more results than expected. */
  readonly expected: Plain | undefined;
  /** Undefined if there are fewer. */
  readonly found: Plain | undefined;
}

/**
 * Runs a mill over the inputs of a fixture and compares its results with the expected ones. Returns the differences,
 * class by class and in order: an empty list if there are none. Only the fixture is read, and nothing is written,
 * unless `WATERMILL_UPDATE=1` is in the environment: then the results become the expected ones.
 *
 * A fixture is a folder of NDJSON files: `inputs/<Name>.ndjson` for each class that the mill reads, under its name in
 * plans; `expected/<Name>.ndjson` for each that it writes. If there are several lanes, `inputs/<Name>/<lane>.ndjson`;
 * then every lane reads a stream without lanes whole, and results are lane after lane. A class without a file in
 * `expected` must have no results.
 *
 * Rejects with `WM_FIXTURE` if a folder or an input is missing, and with the mill's own error if it fails.
 *
 * @example
 * ```ts
 * assert.deepEqual(await replay('fixtures/two-robots', (broker) => makeMill(broker)), []);
 * ```
 */
export async function replay(folder: string, makeMill: MakeMill): Promise<readonly Difference[]>;
export async function replay(
  folder: string,
  makeMill: MakeMill,
  ...more: readonly unknown[]
): Promise<readonly Difference[]> {
  if (typeof makeMill !== 'function')
    throw wrong('expected a function that makes a mill with the broker it is given', makeMill);
  if (more.length > 0) throw wrong('expected no options (WATERMILL_UPDATE=1 in the environment updates)', more[0]);
  const fixture = await Fixture.open(folder);
  const isUpdate = process.env.WATERMILL_UPDATE === '1';
  const expected = isUpdate ? new Map<string, readonly string[]>() : await fixture.expected();
  const broker = new FixtureBroker(fixture);
  const mill = await makeFor(broker, makeMill);
  await mill.run();
  const results = broker.results();
  if (!isUpdate) return differences(fixture, expected, results);
  await fixture.update(results);
  return [];
}

async function makeFor(broker: FixtureBroker, makeMill: MakeMill): Promise<WaterMill<any>> {
  let mill: WaterMill<any>;
  try {
    mill = await makeMill(broker);
  } catch (error) {
    throw broker.inWords(error);
  }
  if (typeof mill?.run !== 'function') throw wrong('expected that the function returns a WaterMill', mill);
  if (!broker.isUsed) throw wrong('expected that the mill has the broker that the function is given', mill);
  return mill;
}

function differences(
  fixture: Fixture,
  expected: ReadonlyMap<string, readonly string[]>,
  results: ReadonlyMap<string, readonly string[]>,
): Difference[] {
  const found: Difference[] = [];
  for (const stream of [...new Set([...expected.keys(), ...results.keys()])].sort()) {
    const wanted = parsed(fixture, stream, expected.get(stream) ?? []);
    const given = (results.get(stream) ?? []).map((line) => JSON.parse(line) as Plain);
    for (let at = 0; at < Math.max(wanted.length, given.length); at++) {
      if (!isDeepStrictEqual(wanted[at], given[at])) {
        found.push({ stream, at, expected: wanted[at], found: given[at] });
      }
    }
  }
  return found;
}

/** Blank lines do not count. */
function parsed(fixture: Fixture, stream: string, lines: readonly string[]): Plain[] {
  const elements: Plain[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      elements.push(JSON.parse(line));
    } catch (error) {
      const sentence = `${fixture.expectedOf(stream)}, line ${i + 1}: expected a JSON object, found ${shownValue(line)}`;
      throw fixtureError(sentence, { stream, line: i + 1 }, error);
    }
  }
  return elements;
}

function wrong(expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_TEST_KIT', `replay(): ${expected}, found ${found}.`, { expected, found });
}
