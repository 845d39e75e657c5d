import type { Class, MessageClass } from '../../base/class.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { BrokerOptions } from '../broker-options.js';
import { isOneOf, isText } from '../option-values.js';
import { type FileEntry, fileEntries, type JsonFileEntries } from './file-entry.js';
import { JsonFileConnection } from './json-file-connection.js';
import {
  defaultMaxElementBytes,
  type JsonFileOptions,
  type JsonFileSettings,
  leastMaxElementBytes,
  type OnEnded,
} from './json-file-options.js';

/**
 * Streams in JSON files: each an array of objects, or one object per line (NDJSON), in UTF-8, optionally compressed
 * with gzip.
 *
 * Reading: the format and the compression are detected from the content; if a broken first line leaves the format open,
 * a name that ends in `.ndjson` or `.jsonl`, or `format: 'ndjson'`, means lines. Memory use does not depend on the size
 * of a file or on its white space. The end of the file is the end of the stream; an empty file is an empty stream. A
 * broken array is an error with byte, line and column (`WM_FILE_BROKEN`), after all elements before that place; a line
 * that is not JSON, and an element longer than `maxElementBytes`, is a single bad message, which a mill may skip. If a
 * key occurs twice in an object, the last value counts, as in `JSON.parse`. A file that changes while it is read is an
 * error (`WM_FILE_CHANGED`).
 *
 * A pipe (a FIFO; `-` or `/dev/stdin` for the standard input) is read once, from its beginning; with a `group`, or by
 * two readers, it is refused (`WM_FILE_ONCE`).
 *
 * Writing: an array with an element per line, or NDJSON if the name ends in `.ndjson` or `.jsonl`; compressed if it
 * ends in `.gz`. Results are in `<name>.partial` until the stream has ended; then that file is renamed: a file with
 * the final name is always complete. A previous file of that name is replaced, and its mode and owner are kept; a link is
 * followed; missing directories are created. A folder, a device or a mount point is refused before the first call
 * (`WM_OUTPUT_FAILED`). After a failed run the partial file stays. A run without results writes an empty list.
 *
 * `-`, `/dev/stdout` and named pipes are written directly, as NDJSON: that cannot be undone, so they are refused with a
 * `group`.
 *
 * An output has one writer: a second mill, in any process and with any group, is refused before its first call
 * (`WM_OUTPUT_IN_USE`). The lock is a file next to the output; it is free when its owner has crashed (see `FileLock`).
 *
 * If another broker leads and has several lanes, each lane writes its own files, `speed.3.json` for `speed.json`, and
 * reads every input completely.
 *
 * Resuming: with a `group`, progress is kept next to the results (see `JsonFileOptions.group`); a run that continues
 * after a kill produces, byte for byte, the file of an uninterrupted run (in a compressed file: the same content). Two
 * concurrent mills with one group are refused (`WM_GROUP_IN_USE`). A group that has ended is not repeated; if its
 * inputs have changed since, that is an error (`WM_FILE_CHANGED`) unless `JsonFileOptions.onEnded` says what to do.
 *
 * @example
 * ```ts
 * const broker = new JsonFileMessageBroker(
 *   [
 *     [RobotLocation, 'samples/robot-locations.json'],
 *     [RobotSpeed, 'out/robot-speed.json'],
 *   ],
 *   { group: 'speed-meter' },
 * );
 * ```
 */
@ofThisCopy
export class JsonFileMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'JsonFileMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, FileEntry>;
  private readonly settings: JsonFileSettings;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(entries: JsonFileEntries<C>, options: JsonFileOptions = {}) {
    const known = ['group', 'onEnded', 'format', 'maxElementBytes', 'dataTimeoutMs', 'pollTimeoutMs'];
    const form = 'all entries in one array: new JsonFileMessageBroker([[Class, path], [Class, path]])';
    const checked = new BrokerOptions(this.name, options, known, form);
    this.timeouts = checked.timeouts();
    this.settings = settingsOf(checked);
    this.entries = fileEntries(checked, entries);
    const remembers = this.settings.group !== undefined;
    this.abilities = Object.freeze({
      remembers,
      rereads: true,
      transactions: false,
      writesAnyClass: false,
      rollsBack: true,
      tables: true,
      readsAside: true,
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  connect(request: ConnectRequest): Promise<Connection> {
    return JsonFileConnection.open(this.settings, request);
  }
}

function settingsOf(options: BrokerOptions): JsonFileSettings {
  const isLimit = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= leastMaxElementBytes;
  const limit = `a whole number of at least ${leastMaxElementBytes}`;
  const group = options.take<string>('group', 'a non-empty string', isText);
  const onEnded = options.take<OnEnded>('onEnded', "'restart' or 'continue'", isOneOf('restart', 'continue'));
  if (onEnded !== undefined && group === undefined) {
    options.refuse("The option 'onEnded'", 'a group as well: without one nothing is remembered', onEnded);
  }
  return {
    group,
    onEnded,
    format: options.take('format', "'array' or 'ndjson'", isOneOf('array', 'ndjson')),
    maxElementBytes: options.take<number>('maxElementBytes', limit, isLimit) ?? defaultMaxElementBytes,
  };
}
