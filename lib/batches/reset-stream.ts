import { existsSync } from 'node:fs';
import path from 'node:path';
import { RealDate } from '../base/date.js';
import type { Json } from '../base/json.js';
import { BrokerOptions } from '../brokers/broker-options.js';
import { offsetFault } from '../brokers/custom/offset.js';
import { StreamDirectory } from './stream-directory.js';

/** The part of a batch stream to reset. */
export interface ResetOptions {
  /** Only this source; the others keep their positions. */
  readonly source?: string;
  /** The source continues after this offset. Default: at its beginning. */
  readonly to?: Json;
}

/**
 * Resets a batch stream that is not running: without options it starts over; with `source`, only that source; with
 * `to`, after that offset. A batch that was begun and not committed is dropped; no id is reused. Commits stay readable:
 * the reset is a commit itself.
 *
 * @param directory The stream's directory.
 * @throws WaterMillError `WM_GROUP_IN_USE` while the stream runs; `WM_BROKER_OPTIONS` for an unknown source, an offset that is not JSON, an unknown option, or a directory without a stream.
 * @example
 * ```ts no-run
 * await resetStream('state/stats', { source: 'numbers', to: 17 });
 * ```
 */
export async function resetStream(directory: string, options: ResetOptions = {}): Promise<void> {
  const checked = new BrokerOptions('resetStream()', options, ['source', 'to']);
  const { source, to } = options;
  const fault = to === undefined ? undefined : offsetFault(to);
  if (fault !== undefined) checked.refuse("The option 'to'", 'an offset that is JSON', to, `It is ${fault}.`);
  if (to !== undefined && source === undefined) refuse(checked, 'to', 'a `source` with it', to);
  if (!isStream(directory)) {
    checked.refuse('The directory', "that of a batch stream, which has a file 'stream.json'", directory);
  }
  const stream = await StreamDirectory.take(directory);
  try {
    const names = Object.keys(stream.sources ?? {});
    if (source !== undefined && !names.includes(source))
      refuse(checked, 'source', `one of ${names.join(', ')}`, source);
    const kept = (bySource: ReadonlyMap<string, Json>): Map<string, Json> =>
      new Map([...bySource].filter(([name]) => source !== undefined && name !== source));
    const positions = kept(stream.positions());
    if (source !== undefined && to !== undefined) positions.set(source, to);
    await stream.keepCommit({
      id: stream.lastId + 1,
      positions: Object.fromEntries(positions),
      starts: Object.fromEntries(kept(stream.starts())),
      at: new RealDate().toISOString(),
    });
  } finally {
    await stream.release();
  }
}

function refuse(checked: BrokerOptions, name: string, expected: string, found: unknown): never {
  return checked.refuse(`The option '${name}'`, expected, found);
}

/** Nothing is created for a mistyped name. */
function isStream(directory: unknown): boolean {
  return typeof directory === 'string' && existsSync(path.join(directory, 'stream.json'));
}
