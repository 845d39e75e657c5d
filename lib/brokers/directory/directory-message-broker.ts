import type { Class, MessageClass } from '../../base/class.js';
import { ofThisCopy } from '../../base/loaded-copies.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, Connection, ConnectRequest, StreamEntry } from '../broker.js';
import { BrokerOptions } from '../broker-options.js';
import { isList, isText } from '../option-values.js';
import { DirectoryConnection } from './directory-connection.js';
import { directoryEntries } from './directory-entry.js';
import type { DirectoryEntries } from './directory-options.js';

/** The sources and options of a `DirectoryMessageBroker`. */
export interface DirectoryBrokerOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** The inputs: `[Class, directory]` or `[Class, directory, options]`. A relative path is from the current directory. */
  readonly sources: DirectoryEntries<C>;
  /** The folder that keeps the order of the files and the progress of the mill. Default: nothing is kept. */
  readonly progress?: string;
  /** A stream without new values for this long has ended. Milliseconds. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** The `onTimeout` of an open expression window is called after this long without new elements. Milliseconds. Default: never. */
  readonly pollTimeoutMs?: number;
}

/**
 * Streams that are directories of files: the elements of all files one after the other (NDJSON or JSON arrays,
 * optionally compressed with gzip), or one element per file with `file`. It is read-only: results go to an
 * `outputBroker`.
 *
 * **Order.** Each scan sorts the new files by `order` and appends them to a journal, which is on disk before any of
 * them is read. So the order is decided once: changed clocks, equal times, touched and late files do not affect it. A
 * name that was gone in one scan and is back in another is a new file.
 *
 * **Complete files only.** Hidden names and those of unfinished files (`.tmp`, `.part`, …) are skipped; others are read
 * when they have not changed for `settleMs` (1 s), or when their `marker` exists. A file is checked before and after it
 * is read: a change is an error (`WM_FILE_CHANGED`), or the file is read when it has settled again. Files of up to 16
 * MiB are used only after the final check; only of larger ones, elements are used before it.
 *
 * **Progress.** With `progress`, the run after a kill continues from the last commit. The folder has one owner
 * (`WM_GROUP_IN_USE`). A stream that ended with `end: 'when empty'` continues with new files in the next run.
 *
 * A path that is missing, is not a directory, or cannot be read is an error (`WM_DIRECTORY_UNREADABLE`), never an
 * empty stream. Memory: the names of the files in the directory, and at most 32 MiB of file contents.
 *
 * @example
 * ```ts no-run
 * new DirectoryMessageBroker({
 *   sources: [[Reading, 'incoming', { pattern: '*.ndjson', end: 'when empty' }]],
 *   progress: 'state/readings',
 * });
 * ```
 */
@ofThisCopy
export class DirectoryMessageBroker<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements Broker
{
  readonly name = 'DirectoryMessageBroker';
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts;
  private readonly entries: ReadonlyMap<Class, StreamEntry>;
  private readonly progress: string | undefined;

  /** @throws WaterMillError `WM_BROKER_OPTIONS` for an entry or option that is invalid. */
  constructor(options: DirectoryBrokerOptions<C>) {
    const known = ['sources', 'progress', 'dataTimeoutMs', 'pollTimeoutMs'];
    const form = 'new DirectoryMessageBroker({ sources: [[Class, directory]] })';
    const checked = new BrokerOptions(this.name, options, known, form);
    this.timeouts = checked.timeouts();
    this.progress = checked.take('progress', 'the path of a folder', isText);
    const sources =
      checked.take<readonly unknown[]>('sources', 'an array of [Class, directory]', isList) ??
      checked.refuse("The option 'sources'", 'an array of [Class, directory]', undefined);
    const remembers = this.progress !== undefined;
    this.entries = directoryEntries(checked, sources, this.progress);
    this.abilities = Object.freeze({
      remembers,
      rereads: true,
      transactions: false,
      writesAnyClass: false,
      writes: false,
      tables: true,
    });
  }

  streamOf(message: Class): StreamEntry | undefined {
    return this.entries.get(message);
  }

  connect(request: ConnectRequest): Promise<Connection> {
    return DirectoryConnection.open(request, this.progress);
  }
}
