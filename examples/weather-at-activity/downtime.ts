import type { MillOptions } from 'watermill';
import { Activity, Weather } from './messages.js';

const HOUR = 60 * 60 * 1000;

/**
 * Tells when the weather is more than an hour behind the activities, and when it has caught up.
 *
 * @param ignoreAfterMs Activities wait for the weather, unless it is silent for this long: then they continue without
 * it, and `onUp` gets the position of the first one that did. Weather that comes too late is skipped and counted.
 */
export function watchWeather(print: (line: string) => void, ignoreAfterMs?: number): Pick<MillOptions, 'inputs'> {
  const lag = {
    behind: Activity,
    threshold: HOUR,
    onDown: ({ by }: { by: number | bigint }) => print(`\tDowntime detected: ${duration(Number(by))}`),
    onUp: ({ resultsFrom }: { resultsFrom: number | undefined }) =>
      print(
        resultsFrom === undefined ? '\tDowntime resolved' : `\tDowntime resolved, to be corrected from ${resultsFrom}`,
      ),
  };
  if (ignoreAfterMs === undefined) return { inputs: [[Weather, { lag }]] };
  // biome-ignore lint/suspicious/noThenProperty: the name of the option
  return { inputs: [[Weather, { lag, idle: { afterMs: ignoreAfterMs, then: 'ignore' }, order: 'skip' }]] };
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:00`;
}
